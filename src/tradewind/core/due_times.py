"""Fires what has come due: retries, calls asked for, starts of future runs, timeouts, new runs."""

from heapq import heappop

from tradewind.core import deferral, human_input
from tradewind.core.backfill import make_slice
from tradewind.core.due_runs import make_due_runs
from tradewind.core.endings import stop_after_failure, time_out
from tradewind.core.turn import Turn
from tradewind.model.events import Tick
from tradewind.model.keys import RunKey, TaskKey
from tradewind.model.states import RunState, TaskState


def fire(turn: Turn) -> None:
    """Look at every run and task instance whose time has come."""
    due = turn.fleet.due
    while due and due[0][0] <= turn.now:
        key = heappop(due)[2]
        if isinstance(key, TaskKey):
            _fire_task(turn, key)
        else:
            _fire_run(turn, key)


def tick(turn: Turn, event: Tick) -> None:
    """Make the runs that are due. Only a Tick does, because it has looked up what exists."""
    fleet = turn.fleet
    fleet.announced = None
    makers = fleet.makers_due(turn.now)
    for _ in makers:
        heappop(fleet.due_to_make)
    for maker in dict.fromkeys(makers):
        if isinstance(maker, str):
            make_due_runs(turn, fleet.dags[maker])
        elif maker in fleet.backfills:
            make_slice(turn, fleet.backfills[maker])


def _fire_task(turn: Turn, key: TaskKey) -> None:
    run = turn.fleet.runs.get(key.run)
    task = None if run is None else run.find(key.task_id, key.map_index)
    if task is not None and task.state is TaskState.DEFERRED:
        deferral.came_due(turn, task)
    elif task is not None and task.state is TaskState.AWAITING_INPUT:
        human_input.came_due(turn, task)
    elif task is not None:
        turn.fleet.look_at([task])


def _fire_run(turn: Turn, key: RunKey) -> None:
    run = turn.fleet.runs.get(key)
    if run is None:
        return
    if run.state is RunState.QUEUED:
        turn.queue_run(run)
    elif run.ending is not None:
        return
    elif run.deadline is not None and run.deadline <= turn.now:
        time_out(turn, run)
    elif any(task.state is TaskState.FAILED for task in run.instances()):
        stop_after_failure(turn, run, "fail_fast: a task failed")

"""States that a user sets by hand, of a task instance or of a run."""

from typing import Any

from tradewind.core.answers import NotPossible
from tradewind.core.clear import clear_task, named, reopen, run_again
from tradewind.core.instances import Run
from tradewind.core.run_state import finish_run
from tradewind.core.turn import Turn
from tradewind.model.commands import MarkTask, PatchRun
from tradewind.model.keys import RunKey
from tradewind.model.states import (
    FAILED_STATES,
    FINISHED,
    RUN_FINISHED,
    RunState,
    TaskState,
)

_MARKED = "marked by a user"
_MARKS = (TaskState.SUCCESS, TaskState.FAILED, TaskState.SKIPPED)
_UNDER_WAY = frozenset(
    {
        TaskState.RUNNING,
        TaskState.DEFERRED,
        TaskState.UP_FOR_RESCHEDULE,
        TaskState.AWAITING_INPUT,
    }
)


def mark_task(turn: Turn, command: MarkTask) -> dict[str, Any]:
    """Set a task instance's state; what failed downstream of it gets another chance."""
    run = _find(turn, command.dag_id, command.run_id)
    place = run.index.by_id.get(command.task_id)
    task = None if place is None else run.tasks[place]
    if task is None or place is None or command.map_index != task.key.map_index:
        raise NotPossible(404, f"run {command.run_id} has no task instance {command.task_id}")
    if command.state not in _MARKS:
        raise NotPossible(400, f"a task can be marked {', '.join(_MARKS)}, not {command.state}")
    if task.state is TaskState.REMOVED:
        raise NotPossible(409, f"task {command.task_id} is not in the DAG any more")
    if task.state is command.state:
        return {"task_instances": []}
    turn.kill(task, _MARKED)
    turn.move(task, command.state, _MARKED, end_date=turn.now, due_at=None)
    again = [
        other
        for later in run.index.related([place], upstream=False, downstream=True)
        if later != place
        and (other := run.tasks[later]) is not None
        and other.state in FAILED_STATES
    ]
    for other in again:
        clear_task(turn, other, f"{command.task_id} was marked {command.state}")
    if again and run.state in RUN_FINISHED:
        reopen(turn, run, _MARKED, clear_number=run.clear_number + 1, queued_at=turn.now)
    return {"task_instances": named([task])}


def patch_run(turn: Turn, command: PatchRun) -> dict[str, Any]:
    """Set a run's state or note. Raises NotPossible."""
    run = _find(turn, command.dag_id, command.run_id)
    if command.state not in (None, RunState.QUEUED, RunState.SUCCESS, RunState.FAILED):
        raise NotPossible(400, f"a run can be marked queued, success, failed, not {command.state}")
    if command.set_note or command.note is not None:
        turn.rewrite_run(run, "note", note=command.note)
    if command.state is RunState.QUEUED:
        run_again(turn, run, run.instances())
    elif command.state is not None and command.state is not run.state:
        _end_run(turn, run, command.state)
    return {}


def _end_run(turn: Turn, run: Run, state: RunState) -> None:
    if run.state in RUN_FINISHED:
        turn.move_run(run, state, _MARKED)
        return
    target = TaskState.SUCCESS if state is RunState.SUCCESS else TaskState.FAILED
    for task in run.instances():
        if task.state not in FINISHED:
            turn.kill(task, _MARKED)
            mark = target if task.state in _UNDER_WAY else TaskState.SKIPPED
            turn.move(task, mark, f"its run was {_MARKED}", end_date=turn.now, due_at=None)
    finish_run(turn, run, state, _MARKED)


def _find(turn: Turn, dag_id: str, run_id: str) -> Run:
    run = turn.fleet.find(RunKey(dag_id, run_id))
    if run is None:
        raise NotPossible(404, f"DAG {dag_id} has no run {run_id}")
    return run

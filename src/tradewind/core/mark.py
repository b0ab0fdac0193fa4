"""States that a user sets by hand, of a task instance or of a run."""

from typing import Any

from tradewind.core.answers import NotPossible, refuse_if_busy
from tradewind.core.clear import listed, named, place_of
from tradewind.core.endings import end_tasks, mark_run
from tradewind.core.instances import Run
from tradewind.core.run_making import finish_making
from tradewind.core.taken import Taken
from tradewind.core.turn import Turn
from tradewind.model.commands import Command, MarkTask, PatchRun
from tradewind.model.keys import RunKey
from tradewind.model.states import (
    FAILED_STATES,
    RUN_FINISHED,
    RunState,
    TaskState,
)

_MARKED = "marked by a user"
_MARKS = (TaskState.SUCCESS, TaskState.FAILED, TaskState.SKIPPED)


def mark_task(turn: Turn, command: MarkTask) -> dict[str, Any] | Command:
    """Set a task instance's state; what failed downstream of it gets another chance."""
    run = _find(turn, command.dag_id, command.run_id)
    task = run.find(command.task_id, command.map_index)
    if task is None:
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
        for later in run.index.related([task.node.place], upstream=False, downstream=True)
        if later != task.node.place
        for other in run.at(later)
        if other.state in FAILED_STATES
    ]
    if not again:
        return {"task_instances": named([task])}
    reason = f"{command.task_id} was marked {command.state}"
    return listed(command.dag_id, again, reason=reason, told=(place_of(task),))


def patch_run(turn: Turn, command: PatchRun) -> dict[str, Any] | Command:
    """Set a run's state or note. Raises NotPossible."""
    run = _find(turn, command.dag_id, command.run_id)
    if command.state not in (None, RunState.QUEUED, RunState.SUCCESS, RunState.FAILED):
        raise NotPossible(400, f"a run can be marked queued, success, failed, not {command.state}")
    if command.set_note or command.note is not None:
        turn.rewrite_run(run, "note", note=command.note)
    if command.state is RunState.QUEUED:
        return listed(command.dag_id, run.instances(), told=())
    if command.state is None or command.state is run.state:
        return {}
    if run.state in RUN_FINISHED:
        turn.move_run(run, command.state, _MARKED)
        return {}
    return PatchRun(dag_id=command.dag_id, run_id=command.run_id, state=command.state)


def go_on_marking(turn: Turn, taken: Taken[PatchRun]) -> dict[str, Any] | None:
    """End the next task instances of a run that is marked; the answer when all have ended."""
    command = taken.command
    run = turn.fleet.runs.get(RunKey(command.dag_id, command.run_id))
    if run is not None and taken.ahead is None and command.state is not None:
        taken.ahead = iter(())
        mark_run(turn, run, command.state, _MARKED)
    end_tasks(turn)
    return {} if run is None or run.ending is None else None


def _find(turn: Turn, dag_id: str, run_id: str) -> Run:
    run = turn.fleet.find(RunKey(dag_id, run_id))
    if run is None:
        raise NotPossible(404, f"DAG {dag_id} has no run {run_id}")
    refuse_if_busy(turn, run)
    finish_making(turn, run)
    return run

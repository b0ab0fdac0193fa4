"""States that a user sets by hand, of a task instance or of a run."""

from typing import Any

from tradewind.core.answers import NotPossible, refuse_if_busy
from tradewind.core.clear import clear_task, go_again, listed, named, place_of
from tradewind.core.endings import end_tasks, mark_run
from tradewind.core.instances import Run
from tradewind.core.run_making import finish_making
from tradewind.core.taken import Taken
from tradewind.core.task_instance import Task
from tradewind.core.turn import Turn
from tradewind.model.changes import NoteWritten
from tradewind.model.commands import Command, MarkListed, MarkTask, PatchRun
from tradewind.model.keys import RunKey, TaskKey
from tradewind.model.states import (
    FAILED_STATES,
    MARKS,
    RUN_FINISHED,
    RunState,
    TaskState,
)

_MARKED = "marked by a user"


def mark_task(turn: Turn, command: MarkTask) -> dict[str, Any] | Command:
    """Work out which task instances `command` sets, and which of those that failed downstream get
    another chance. Raises NotPossible.
    """
    if command.state not in (None, *MARKS):
        raise NotPossible(400, f"a task can be marked {', '.join(MARKS)}, not {command.state}")
    named_here = _named(turn, command)
    state = command.state
    if state is None:
        _write_note(turn, command, named_here)
        return {"task_instances": []}
    runs = _runs(turn, command)
    tasks = [task for run in runs for task in _chosen(run, command, named_here)]
    marked = [task for task in tasks if task.state not in (state, TaskState.REMOVED)]
    if command.dry_run:
        return {"task_instances": named(marked)}
    _write_note(turn, command, named_here)
    return MarkListed(
        dag_id=command.dag_id,
        state=state,
        tasks=tuple(place_of(task) for task in marked),
        again=tuple(place_of(task) for task in _blocked_by(marked)),
        reason=f"{command.task_id} was marked {state}",
    )


def mark_some(turn: Turn, taken: Taken[MarkListed]) -> dict[str, Any] | None:
    """Mark or clear the next of those listed; the answer when all are done."""
    command = taken.command
    places = (*command.tasks, *command.again)
    while taken.done < len(places):
        if not turn.has_room:
            return None
        run_id, task_id, map_index = places[taken.done]
        is_marked = taken.done < len(command.tasks)
        taken.done += 1
        turn.spend()
        run = turn.fleet.find(RunKey(command.dag_id, run_id))
        task = None if run is None else run.find(task_id, map_index)
        if task is None:
            continue
        if not is_marked:
            clear_task(turn, task, command.reason)
        elif task.state not in (command.state, TaskState.REMOVED):
            turn.kill(task, _MARKED)
            turn.move(task, command.state, _MARKED, end_date=turn.now, due_at=None)
    turn.fleet.unpin(RunKey(command.dag_id, run_id) for run_id, _, _ in places)
    for run_id in dict.fromkeys(run_id for run_id, _, _ in command.again):
        run = turn.fleet.find(RunKey(command.dag_id, run_id))
        if run is not None:
            go_again(turn, run, command.reason, reset_run=True)
    return {"task_instances": [list(place) for place in command.tasks]}


def _named(turn: Turn, command: MarkTask) -> list[Task]:
    """The task instances of the run itself that the command names. Raises NotPossible."""
    run = _find(turn, command.dag_id, command.run_id)
    found: list[Task] = []
    for task_id in (command.task_id, *command.task_ids):
        place = run.index.by_id.get(task_id)
        map_index = command.map_index if task_id == command.task_id else None
        tasks = [] if place is None else list(run.at(place))
        if map_index is not None:
            tasks = [task for task in tasks if task.key.map_index == map_index]
        if not tasks:
            raise NotPossible(404, f"run {command.run_id} has no task instance {task_id}")
        found += tasks
    if all(task.state is TaskState.REMOVED for task in found):
        raise NotPossible(409, f"task {command.task_id} is not in the DAG any more")
    return found


def _runs(turn: Turn, command: MarkTask) -> list[Run]:
    """The run named, and those before and after it if they are meant, oldest first."""
    run = _find(turn, command.dag_id, command.run_id)
    if run.logical_date is None or not (command.include_past or command.include_future):
        return [run]
    date, chosen = run.logical_date, [run]
    for other in turn.fleet.runs_of(command.dag_id):
        if other is run or other.logical_date is None:
            continue
        if (command.include_past and other.logical_date < date) or (
            command.include_future and other.logical_date > date
        ):
            chosen.append(_find(turn, other.key.dag_id, other.key.run_id))
    return sorted(chosen, key=lambda one: (one.run_after, one.key))


def _chosen(run: Run, command: MarkTask, named_here: list[Task]) -> list[Task]:
    """Those of a run: the ones named, by the same map index, then their relatives."""
    by_id = run.index.by_id
    found: dict[TaskKey, Task] = {}
    for one in named_here:
        task = run.find(one.key.task_id, one.key.map_index)
        if task is not None:
            found[task.key] = task
    if command.map_index is None:  # other runs may have more of them
        for task_id in (command.task_id, *command.task_ids):
            if task_id in by_id:
                found |= {task.key: task for task in run.at(by_id[task_id])}
    places = [by_id[one.key.task_id] for one in named_here if one.key.task_id in by_id]
    up = run.index.related(places, upstream=True, downstream=False)
    down = run.index.related(places, upstream=False, downstream=True)
    relatives = [
        *(up if command.include_upstream else ()),
        *(
            place
            for place in (down if command.include_downstream else ())
            if not run.index.nodes[place].plan.is_teardown
        ),
    ]
    for place in relatives:
        if place not in places:
            found |= {task.key: task for task in run.at(place)}
    return list(found.values())


def _blocked_by(marked: list[Task]) -> list[Task]:
    """What failed downstream of those that are marked, run by run, and is not marked itself."""
    of_run: dict[RunKey, list[Task]] = {}
    for task in marked:
        of_run.setdefault(task.key.run, []).append(task)
    keys = {task.key for task in marked}
    found = []
    for tasks in of_run.values():
        run = tasks[0].run
        places = {task.node.place for task in tasks}
        for later in run.index.related(places, upstream=False, downstream=True):
            if later not in places:
                found += [
                    other
                    for other in run.at(later)
                    if other.state in FAILED_STATES and other.key not in keys
                ]
    return found


def _write_note(turn: Turn, command: MarkTask, tasks: list[Task]) -> None:
    if command.set_note and not command.dry_run:
        for task in tasks:
            turn.emit(NoteWritten(task.key, command.note))


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

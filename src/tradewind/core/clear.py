"""Run task instances again: they go back to the start, and their run with them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from tradewind.core.answers import NotPossible, refuse_if_busy
from tradewind.core.attempts import forget_try
from tradewind.core.instances import Run
from tradewind.core.moving import as_latest, take_latest, why_not
from tradewind.core.run_making import finish_making
from tradewind.core.taken import Taken
from tradewind.core.task_instance import Task
from tradewind.core.turn import Turn
from tradewind.model.commands import ClearListed, ClearTasks
from tradewind.model.keys import RunKey
from tradewind.model.states import FAILED_STATES, OCCUPYING, RUN_FINISHED, RunState, TaskState


def clear_tasks(turn: Turn, command: ClearTasks) -> dict[str, Any] | ClearListed:
    """Work out which task instances `command` chooses. Raises NotPossible."""
    dag = turn.fleet.dags.get(command.dag_id)
    if dag is None:
        raise NotPossible(404, f"there is no DAG {command.dag_id}")
    runs = _runs(turn, command)
    for task_id in (*command.task_ids, *(task_id for task_id, _ in command.instances)):
        if not any(task_id in index.by_id for index in (dag.index, *(run.index for run in runs))):
            raise NotPossible(404, f"DAG {command.dag_id} has no task {task_id}")
    for task_id, map_index in command.instances:
        if not any(run.find(task_id, map_index) for run in runs) and map_index >= 0:
            raise NotPossible(404, f"there is no task instance {task_id} of map index {map_index}")
    if command.prevent_running_task and not command.dry_run:
        _refuse_if_running(task for run in runs for task in _choose(run, command))
    if command.only_new:
        return _take_up_new(turn, runs, command)
    if command.run_on_latest_version:
        runs = _with_latest(turn, runs, command)
    chosen = [task for run in runs for task in _choose(run, command)]
    if command.dry_run:
        return {"task_instances": named(chosen)}
    return listed(command.dag_id, chosen, reset_dag_runs=command.reset_dag_runs, note=command.note)


def _with_latest(turn: Turn, runs: list[Run], command: ClearTasks) -> list[Run]:
    """The runs, those in which something is chosen with the newest version; for a dry run copies.

    Raises NotPossible if one cannot take it; then all are as they were.
    """
    copies = {run.key: as_latest(run) for run in runs if run.index is not run.dag.index}
    older = [run for run in runs if run.key in copies and _choose(copies[run.key], command)]
    for run in older:
        if (why := why_not(run)) is not None:
            version = run.dag.index.version
            raise NotPossible(409, f"run {run.key.run_id} cannot take version {version}, {why}")
    if command.dry_run:
        return [copies[run.key] if run in older else run for run in runs]
    for run in older:
        take_latest(turn, run)
    return runs


def _take_up_new(turn: Turn, runs: list[Run], command: ClearTasks) -> dict[str, Any] | ClearListed:
    """Give the runs the newest version, and run what is new in it. Raises NotPossible."""
    of_run = {run.key: {task.key for task in run.instances()} for run in runs}
    again = replace(command, run_on_latest_version=True)
    chosen = [
        task
        for run in _with_latest(turn, runs, again)
        for task in _choose(run, command)
        if task.key not in of_run[run.key]
    ]
    if command.dry_run:
        return {"task_instances": named(chosen)}
    return listed(command.dag_id, chosen, reset_dag_runs=command.reset_dag_runs, note=command.note)


def listed(dag_id: str, tasks: Iterable[Task], **how: Any) -> ClearListed:
    """The command to clear just these, in this order."""
    return ClearListed(dag_id=dag_id, tasks=tuple(place_of(task) for task in tasks), **how)


def place_of(task: Task) -> tuple[str, str, int]:
    """A task instance within its DAG."""
    return task.key.run_id, task.key.task_id, task.key.map_index


def named(tasks: Iterable[Task]) -> list[list[str | int]]:
    """Task instances as answers name them."""
    return [list(place_of(task)) for task in tasks]


def clear_some(turn: Turn, taken: Taken[ClearListed]) -> dict[str, Any] | None:
    """Clear the next of those listed; the answer when all are.

    Upstream comes first: what waits for a task that is yet to be cleared has been cleared after it.
    """
    command = taken.command
    note = {} if command.note is None else {"note": command.note}
    while taken.done < len(command.tasks):
        if not turn.has_room:
            return None
        run_id, task_id, map_index = command.tasks[taken.done]
        run = turn.fleet.find(RunKey(command.dag_id, run_id))
        taken.done += 1
        turn.spend()
        if run is None:  # its DAG is gone
            continue
        task = run.find(task_id, map_index)
        if task is not None:
            clear_task(turn, task, command.reason)
        if command.tasks[taken.done : taken.done + 1] == () or (
            command.tasks[taken.done][0] != run_id
        ):
            turn.fleet.unpin([run.key])
            go_again(turn, run, command.reason, reset_run=command.reset_dag_runs, **note)
    told = command.tasks if command.told is None else command.told
    return {"task_instances": [list(place) for place in told]}


def run_again(
    turn: Turn,
    run: Run,
    tasks: Iterable[Task],
    *,
    reason: str,
    **facts: Any,
) -> None:
    """Clear `tasks` at once; a run that had finished is queued again. `facts` are set in its row."""
    for task in tasks:
        clear_task(turn, task, reason)
    go_again(turn, run, reason, reset_run=True, **facts)


def go_again(turn: Turn, run: Run, reason: str, *, reset_run: bool, **facts: Any) -> None:
    """Count that task instances of a run begin anew; one that had finished is queued if asked for."""
    facts |= {"clear_number": run.clear_number + 1, "queued_at": turn.now}
    if run.state not in RUN_FINISHED:
        turn.rewrite_run(run, reason, **facts)
    elif reset_run:
        reopen(turn, run, reason, **facts)


def reopen(turn: Turn, run: Run, reason: str, **facts: Any) -> None:
    """Queue a finished run again."""
    turn.move_run(run, RunState.QUEUED, reason, start_date=None, end_date=None, **facts)
    turn.fleet.add_run(run)
    turn.queue_run(run)


def clear_task(turn: Turn, task: Task, reason: str) -> None:
    """Back to the start; what is running is ended first and goes back when its end is known."""
    match task.state:
        case TaskState.REMOVED if task.key.map_index >= 0:  # there may be an item for it again
            turn.move(task, TaskState.NONE, reason)
        case TaskState.NONE | TaskState.RESTARTING | TaskState.REMOVED:
            return
        case TaskState.QUEUED | TaskState.RUNNING:  # one that is queued may be starting
            turn.kill(task, reason)
            turn.move(task, TaskState.RESTARTING, reason)
        case TaskState.SCHEDULED if not task.had_try:
            forget_try(turn, task, reason, try_number=task.try_number - 1)
        case _:
            turn.kill(task, reason)
            turn.archive(task)
            forget_try(turn, task, reason, try_number=task.try_number)


def _refuse_if_running(tasks: Iterable[Task]) -> None:
    running = [task for task in tasks if task.state in OCCUPYING]
    if running:
        named = ", ".join(f"{task.key.run_id} {task.key.task_id}" for task in running[:5])
        raise NotPossible(409, f"{len(running)} of them are running: {named}")


def _runs(turn: Turn, command: ClearTasks) -> list[Run]:
    """The runs that `command` names, oldest first."""
    known = turn.fleet.runs_of(command.dag_id)
    if command.run_ids:
        for run_id in command.run_ids:
            if turn.fleet.find(RunKey(command.dag_id, run_id)) is None:
                raise NotPossible(404, f"DAG {command.dag_id} has no run {run_id}")
        known = [run for run in known if _is_named(run, command, known)]
    else:
        known = [run for run in known if _in_range(run, command)]
    for run in known:
        refuse_if_busy(turn, run)
        finish_making(turn, run)
    return sorted(known, key=lambda run: (run.run_after, run.key))


def _is_named(run: Run, command: ClearTasks, known: list[Run]) -> bool:
    if run.key.run_id in command.run_ids:
        return True
    dates = [other.logical_date for other in known if other.key.run_id in command.run_ids]
    return any(
        date is not None
        and run.logical_date is not None
        and (
            (command.include_past and run.logical_date < date)
            or (command.include_future and run.logical_date > date)
        )
        for date in dates
    )


def _in_range(run: Run, command: ClearTasks) -> bool:
    start, end = bounds(command)
    if start is None and end is None:
        return True
    date = run.logical_date
    return date is not None and (start is None or date >= start) and (end is None or date <= end)


def bounds(command: ClearTasks) -> tuple[datetime | None, datetime | None]:
    """The first and the last logical date that `command` is about, where it names no runs."""
    start = None if command.include_past else command.start_date
    return start, None if command.include_future else command.end_date


def _choose(run: Run, command: ClearTasks) -> list[Task]:
    by_id = run.index.by_id
    places: Iterable[int] = range(len(run.tasks))
    named = [*command.task_ids, *(task_id for task_id, _ in command.instances)]
    if named:
        places = run.index.cleared_with(
            [by_id[task_id] for task_id in named if task_id in by_id],
            upstream=command.include_upstream,
            downstream=command.include_downstream,
        )
    single = _single_instances(run, command)
    return [
        task
        for place in places
        for task in run.at(place)
        if (place not in single or task.key.map_index in single[place])
        and (not command.only_failed or task.state in FAILED_STATES)
        and (not command.only_running or task.state is TaskState.RUNNING)
    ]


def _single_instances(run: Run, command: ClearTasks) -> dict[int, set[int]]:
    """The map indexes that are meant of tasks of which not all instances are: of those named by map
    index, and of those in one mapped group with them."""
    index = run.index
    named = (*command.task_ids, *(name for name, at in command.instances if at < 0))
    whole = {index.by_id[name] for name in named if name in index.by_id}
    found: dict[int, set[int]] = {}
    for task_id, map_index in command.instances:
        if task_id in index.by_id and map_index >= 0:
            place = index.by_id[task_id]
            mapping = index.nodes[place].mapping
            for other in (place,) if mapping is None else index.mappings[mapping].places:
                if other not in whole:
                    found.setdefault(other, set()).add(map_index)
    return found

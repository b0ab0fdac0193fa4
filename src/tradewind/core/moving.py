"""Unfinished runs take the newest version of their DAG, as its tasks run the newest code.

Tasks that are new get task instances; those of tasks that are gone are removed, whatever had become
of them. A task that comes back begins anew.
"""

from dataclasses import replace

from tradewind.core.expansion import expand, revise
from tradewind.core.fleet import Fleet
from tradewind.core.instances import Run
from tradewind.core.places import places_of
from tradewind.core.run_making import finish_making
from tradewind.core.task_instance import Task, new_task
from tradewind.core.turn import Turn
from tradewind.model.changes import TasksCreated
from tradewind.model.snapshots import TaskSnapshot
from tradewind.model.states import OCCUPYING, RunState, TaskState

GONE = "its task is no longer in the DAG"
ANEW = "its DAG has another version"


def move_runs(turn: Turn) -> None:
    """Go on moving runs that have an older version."""
    fleet = turn.fleet
    while fleet.outdated and turn.has_room:
        run = fleet.outdated.take()
        if _may_move(fleet, run):
            take_latest(turn, run)


def _may_move(fleet: Fleet, run: Run) -> bool:
    """Whether it can be moved now. One in the middle of a larger change comes here again after it;
    one that can never be keeps its version, unless a later one suits it."""
    if run.key not in fleet.runs or run.index is run.dag.index or run.dag.is_stale:
        return False
    return run.ending is None and run.key not in fleet.pinned and why_not(run) is None


def why_not(run: Run) -> str | None:
    """Why a run cannot take its DAG's newest version; None if it can."""
    latest = run.dag.index
    if latest.unsupported:
        return f"which cannot be run yet: {'; '.join(latest.unsupported)}"
    for node in run.index.nodes:
        if _changes_its_number(run, node.place):
            return f"for {node.plan.task_id}, which has begun, is mapped in one of them only"
    return None


def _changes_its_number(run: Run, place: int) -> bool:
    """Whether a task that has begun as one becomes many, or the other way round."""
    latest = run.dag.index
    new = latest.by_id.get(run.index.nodes[place].plan.task_id)
    if new is None:
        return False
    is_mapped = latest.nodes[new].mapping is not None
    if place in run.spreads:
        return not is_mapped
    was_mapped = run.index.nodes[place].mapping is not None
    task = run.tasks[place]
    return is_mapped and not was_mapped and task is not None and task.state is not TaskState.NONE


def take_latest(turn: Turn, run: Run) -> None:
    """Bring a run to its DAG's newest version; only if nothing says `why_not`."""
    fleet, latest = turn.fleet, run.dag.index
    finish_making(turn, run)
    before = run.instances()
    turn.spend(len(before))
    for task in before:
        if task.key.task_id not in latest.by_id and task.state is not TaskState.REMOVED:
            turn.kill(task, GONE)
            turn.move(task, TaskState.REMOVED, GONE, due_at=None)
        elif task.state is TaskState.SCHEDULED and not task.had_try:
            number = task.try_number - 1  # whether it goes on is for the new version to say
            turn.move(task, TaskState.NONE, ANEW, try_number=number, scheduled_at=None)
    for task in before:
        if task.state is TaskState.DEFERRED:
            fleet.slots.end_wait(task)
    fleet.slots.leave_lanes(run)
    rows = (*(task.snapshot() for task in before), *run.strays)
    run.pin(latest)
    run.fill(rows)
    _make_new(turn, run)
    run.dag.succession.repin(run)
    turn.rewrite_run(run, f"its DAG has version {latest.version} now")
    _take_up(fleet, run, before)
    for task in run.instances():
        if task.state is TaskState.REMOVED and task.key.map_index < 0:
            turn.move(task, TaskState.NONE, "its task is in the DAG again")
    for place in list(run.spreads):
        node = latest.nodes[place]
        assert node.mapping is not None
        revise(turn, run, node, node.mapping)
    for node in latest.nodes:
        if latest.is_many(node) and (one := run.tasks[node.place]) is not None:
            assert node.mapping is not None
            expand(turn, one, node.mapping)  # as in a new run
    if run.key in fleet.runs:
        fleet.look_anew(run)
    fleet.drop_old_plans(run.dag)


def as_latest(run: Run) -> Run:
    """A copy of a run as it would be with its DAG's newest version, for those who only look."""
    rows = (*(task.snapshot() for task in run.instances()), *run.strays)
    copy = Run(
        replace(run.snapshot(), tasks=rows), dag=run.dag, index=run.dag.index, backfill=run.backfill
    )
    _add_new(copy)
    return copy


def _add_new(run: Run) -> tuple[TaskSnapshot, ...]:
    """Add the task instances of tasks of which there are none."""
    known = {task.key.task_id for task in run.instances()}
    date = None if run.backfill_id is not None else run.logical_date
    made = tuple(
        new_task(run.key, node, map_index)
        for node, map_index in places_of(run.index, date)
        if node.plan.task_id not in known
    )
    if made:
        run.add_tasks(made)
        run.connect()
    return made


def _make_new(turn: Turn, run: Run) -> None:
    made = _add_new(run)
    if made:
        reason = f"new in version {run.index.version}"
        turn.emit(TasksCreated(run.key, made, reason))
        turn.spend(len(made))


def _take_up(fleet: Fleet, run: Run, before: list[Task]) -> None:
    """Let what is under way hold, in its new place, what it held before."""
    waiting = {task.key: task.waiting for task in before if task.waiting is not None}
    for task in run.instances():
        task.waiting = waiting.get(task.key)
        if task.state in OCCUPYING and task.token is not None:
            fleet.attempts[task.token] = task
        elif task.state is TaskState.DEFERRED:
            fleet.slots.begin_wait(task)
    fleet.slots.enter_lanes(run.instances())
    if run.growing:
        fleet.growing.add(run)
    if run.state is RunState.RUNNING:
        fleet.watch_timeout(run)

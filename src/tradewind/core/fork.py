"""Fork a run: a new one that runs from chosen tasks on, and shares what other tasks did in the old.

What is shared has ended in the old run: its task instances come as they are, with their XComs. What
is not in the old run, or is mapped otherwise there, runs, and with it all that is downstream.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from tradewind.core.answers import NotPossible, refuse_if_busy
from tradewind.core.clear import named
from tradewind.core.dag import Dag
from tradewind.core.expansion import finish_growing
from tradewind.core.instances import Run
from tradewind.core.places import is_in_window
from tradewind.core.plan_index import Node, PlanIndex
from tradewind.core.run_making import finish_making
from tradewind.core.task_instance import Task
from tradewind.core.trigger import check_new_run, dag_to_run, date_of, trigger_run
from tradewind.core.turn import Turn
from tradewind.model.changes import TaskExpanded, XComsShared
from tradewind.model.commands import ForkRun, TriggerRun
from tradewind.model.keys import RunKey
from tradewind.model.states import FINISHED, TaskState

_SHARED = (
    "try_number",
    "max_tries",
    "scheduled_at",
    "queued_at",
    "start_date",
    "end_date",
    "code_hash",
    "hostname",
    "pid",
    "cpu_s",
    "max_rss_kib",
    "exit_reason",
    "map_length",
    "rendered_map_index",
)


def fork_run(turn: Turn, command: ForkRun) -> dict[str, Any]:
    """Make a run of what `command` chooses. Raises NotPossible."""
    dag = dag_to_run(turn, command.dag_id)
    old = turn.fleet.find(RunKey(command.dag_id, command.run_id))
    if old is None:
        raise NotPossible(404, f"DAG {command.dag_id} has no run {command.run_id}")
    refuse_if_busy(turn, old)
    wanted = _wanted(command, old)
    date = date_of(wanted, dag)
    check_new_run(turn, dag, wanted)
    anew = _anew(dag.index, old, command.task_ids, date)
    shared = _shared(dag, old, anew, date)
    result = {
        "run_id": command.new_run_id,
        "shared": named(shared),
        "task_ids": [dag.index.nodes[place].plan.task_id for place in anew],
    }
    if command.dry_run:
        return result
    trigger_run(turn, wanted)
    run = turn.fleet.runs[RunKey(command.dag_id, command.new_run_id)]
    finish_making(turn, run)
    _take_over(turn, run, old, shared)
    return result


def _wanted(command: ForkRun, old: Run) -> TriggerRun:
    return TriggerRun(
        dag_id=command.dag_id,
        run_id=command.new_run_id,
        run_after=command.run_after,
        logical_date=command.logical_date,
        data_interval_start=old.facts().data_interval_start,
        data_interval_end=old.facts().data_interval_end,
        conf=old.facts().conf,
        note=command.note,
        triggered_by=command.triggered_by,
        triggering_user_name=command.triggering_user_name,
    )


def _anew(index: PlanIndex, old: Run, task_ids: Sequence[str], date: datetime | None) -> list[int]:
    """The tasks that run, in topological order. Raises NotPossible for one that does not exist."""
    if not task_ids:
        raise NotPossible(400, "name a task from which the fork is to run")
    for task_id in task_ids:
        if task_id not in index.by_id:
            raise NotPossible(404, f"DAG {old.key.dag_id} has no task {task_id}")
    chosen = {index.by_id[task_id] for task_id in task_ids}
    missing = {
        node.place
        for node in index.nodes
        if is_in_window(node.plan, date) and not _is_alike(index, old, node)
    }
    places = index.cleared_with(chosen | missing, upstream=False, downstream=True)
    return [place for place in places if is_in_window(index.nodes[place].plan, date)]


def _is_alike(index: PlanIndex, old: Run, node: Node) -> bool:
    """Whether the old run has the task, in as many instances as the new one has or can get."""
    found = {task.key.map_index for task in _instances(old, node)}
    if index.is_many(node):
        return found == set(range(index.instances_of(node)))
    return found == {-1} or (node.mapping is not None and bool(found) and -1 not in found)


def _shared(dag: Dag, old: Run, anew: Iterable[int], date: datetime | None) -> list[Task]:
    """What comes from the old run, in topological order. Raises NotPossible if some has not ended."""
    left_out = set(anew)
    shared = [
        task
        for node in dag.index.nodes
        if node.place not in left_out and is_in_window(node.plan, date)
        for task in _instances(old, node)
    ]
    going = [task.key.task_id for task in shared if task.state not in FINISHED]
    if going or old.growing or old.unmade:
        some = ", ".join(dict.fromkeys(going)) or "some that are still being made"
        raise NotPossible(
            409, f"tasks of run {old.key.run_id} that would be shared have not ended: {some}"
        )
    return shared


def _instances(old: Run, node: Node) -> list[Task]:
    place = old.index.by_id.get(node.plan.task_id)
    if place is None:
        return []
    return [task for task in old.at(place) if task.state is not TaskState.REMOVED]


def _take_over(turn: Turn, run: Run, old: Run, shared: Sequence[Task]) -> None:
    """Bring the task instances of the new run to where those of the old are."""
    lengths: dict[str, int] = {}
    for task in shared:
        lengths[task.key.task_id] = lengths.get(task.key.task_id, 0) + 1
    reason = f"shared with run {old.key.run_id}"
    for task in shared:
        task_id, map_index = task.key.task_id, task.key.map_index
        alone = run.find(task_id, -1)
        if map_index >= 0 and alone is not None:
            length = lengths[task_id]
            turn.emit(TaskExpanded(alone.key, length, reason))
            turn.fleet.look_at(run.expand(alone, length))
            finish_growing(turn, run)
        mine = run.find(task_id, map_index)
        assert mine is not None, "it has been found alike"
        facts = {name: getattr(task, name) for name in _SHARED}
        turn.move(mine, task.state, reason, **facts)
    task_ids = tuple(lengths)
    if task_ids:
        turn.emit(XComsShared(old.key, run.key, task_ids))
    run.choices |= {at: value for at, value in old.choices.items() if at[0] in lengths}

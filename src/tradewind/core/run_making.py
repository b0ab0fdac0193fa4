"""New runs with their task instances, pinned to the latest version of the DAG.

A run of very many tasks gets them in slices and is queued when it has them all. Half made, it is
known by its row: it has never been queued for a slot, and lacks tasks of its Plan.
"""

from datetime import datetime
from typing import Any

from tradewind.core.dag import Backfill, Dag
from tradewind.core.expansion import finish_growing
from tradewind.core.instances import Run
from tradewind.core.places import places_of
from tradewind.core.task_instance import new_task
from tradewind.core.turn import SLICE, Turn
from tradewind.model.changes import TasksCreated
from tradewind.model.intervals import DataInterval, RunInfo
from tradewind.model.keys import RunKey
from tradewind.model.snapshots import RunSnapshot
from tradewind.model.states import RunState, RunType


def make_run(
    turn: Turn,
    dag: Dag,
    *,
    run_id: str,
    run_type: RunType,
    info: RunInfo,
    reason: str,
    backfill: Backfill | None = None,
    **facts: Any,
) -> Run:
    """Make a queued run; `facts` are further fields of its row."""
    key = RunKey(dag.dag_id, run_id)
    interval = info.data_interval
    facts.setdefault("logical_date", info.logical_date)
    date = None if backfill is not None else facts["logical_date"]
    places = list(places_of(dag.index, date))
    snapshot = RunSnapshot(
        key=key,
        run_type=run_type,
        state=RunState.QUEUED,
        version=dag.index.version,
        run_after=info.run_after,
        data_interval_start=interval.start if interval else None,
        data_interval_end=interval.end if interval else None,
        queued_at=turn.now,
        tasks=tuple(new_task(key, *place) for place in places[:SLICE]),
        **facts,
    )
    run = Run(snapshot, dag=dag, index=dag.index, backfill=backfill)
    run.unmade.extend(places[SLICE:])
    turn.create_run(run, snapshot, reason)
    return run


def make_tasks(turn: Turn) -> None:
    """Go on making the task instances of large runs."""
    fleet = turn.fleet
    while fleet.unmade and turn.has_room:
        run = fleet.unmade.take()
        _make_some(turn, run)
        if run.unmade:
            fleet.unmade.add(run)


def finish_making(turn: Turn, run: Run) -> None:
    """Make all that is missing at once: somebody wants to change the run as a whole."""
    while run.unmade:
        _make_some(turn, run)
    finish_growing(turn, run)


def _make_some(turn: Turn, run: Run) -> None:
    places = [run.unmade.popleft() for _ in range(min(SLICE, len(run.unmade)))]
    if not places:
        return
    made = tuple(new_task(run.key, *place) for place in places)
    run.add_tasks(made)
    turn.emit(TasksCreated(run.key, made, f"{len(run.unmade)} tasks are still to be made"))
    turn.spend(len(made))
    if not run.unmade:
        run.connect()
        turn.queue_run(run)


def runs_at_once(dag: Dag) -> int:
    """Most runs that one Tick makes for one DAG or backfill."""
    return max(1, SLICE // (1 + dag.index.rows))


def automatic_run_id(dag: Dag, run_type: RunType, info: RunInfo) -> str:
    """The name of a run that nobody named: by run_after, or by its logical date."""
    date = info.logical_date if dag.plan.runs_are_named_by_date else None
    return f"{run_type.value}__{(date or info.run_after).isoformat()}"


def interval_of(start: datetime | None, end: datetime | None) -> DataInterval | None:
    """Both bounds as an interval; None unless there are both."""
    return DataInterval(start, end) if start is not None and end is not None else None

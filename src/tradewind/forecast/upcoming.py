"""Which runs a DAG's schedule makes next: those that are due already, and those to come."""

from dataclasses import dataclass, replace
from datetime import datetime

from tradewind.core.dag import Dag
from tradewind.core.due_runs import following, is_taken
from tradewind.core.fleet import Fleet
from tradewind.core.run_making import automatic_run_id
from tradewind.forecast.play import Ask, LookUp, nothing_there, why_left_out
from tradewind.model.intervals import RunInfo
from tradewind.model.snapshots import DagSnapshot, FleetSnapshot, RunQuery
from tradewind.model.states import RunType
from tradewind.model.timetable_questions import TimetableAnswer

OVERDUE_MAX = 10_000


@dataclass(frozen=True, slots=True)
class NamedRun:
    """A run that is not there yet."""

    run_id: str
    info: RunInfo


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What a schedule makes of a DAG that is not paused."""

    overdue: tuple[NamedRun, ...] = ()
    """Due already: they are made at once, oldest first, no more at a time than max_active_runs."""
    next: tuple[NamedRun, ...] = ()
    why_none: str | None = None
    """Why the schedule makes no runs; None if it can."""


def upcoming(
    snapshot: DagSnapshot,
    now: datetime,
    number: int = 1,
    look_up: LookUp = nothing_there,
    ask: Ask | None = None,
) -> Upcoming:
    """The runs that are due by `now`, at most OVERDUE_MAX, and the next `number` after them.

    The answer holds for a DAG that is unpaused now. Runs that `look_up` finds are left out: they
    are not made again. `ask` asks a timetable of the author's own; without it only the next run
    of such a schedule is known, as the scheduler was told it.
    """
    awake = replace(snapshot, is_paused=False)
    fleet = Fleet.build(FleetSnapshot(epoch=0, dags=(awake,)))
    dag = fleet.dags[snapshot.plan.dag_id]
    if (why := why_left_out(dag)) is not None:
        return Upcoming(why_none=why)
    if dag.timetable.follows_now:
        info = following(dag, dag.last, now)
        return Upcoming(overdue=() if info is None else (_named(dag, info),))
    ask = ask or _what_is_stored(snapshot)
    overdue: list[NamedRun] = []
    later: list[NamedRun] = []
    last = dag.last
    while len(later) < number and len(overdue) < OVERDUE_MAX:
        info = _following(dag, last, now, ask)
        if info is None:
            break
        last = info
        (overdue if info.run_after <= now else later).append(_named(dag, info))
    return Upcoming(tuple(_new(fleet, dag, overdue, look_up)), tuple(later))


def _following(dag: Dag, last: RunInfo | None, now: datetime, ask: Ask) -> RunInfo | None:
    dag.wanted = None
    info = following(dag, last, now)
    if dag.wanted is not None and (answer := ask(dag, dag.wanted)) is not None:
        dag.timetable.tell(dag.wanted, answer)
        info = following(dag, last, now)
    return info


def _what_is_stored(snapshot: DagSnapshot) -> Ask:
    """Knows the first answer: the scheduler was told it."""
    known = [] if snapshot.next_run is None else [TimetableAnswer(runs=(snapshot.next_run,))]
    return lambda dag, question: known.pop() if known else None


def _named(dag: Dag, info: RunInfo) -> NamedRun:
    return NamedRun(automatic_run_id(dag, RunType.SCHEDULED, info), info)


def _new(fleet: Fleet, dag: Dag, runs: list[NamedRun], look_up: LookUp) -> list[NamedRun]:
    """Those that are not there yet."""
    dates = tuple(run.info.logical_date for run in runs if run.info.logical_date is not None)
    ids = tuple(run.run_id for run in runs)
    if ids:
        found = look_up(RunQuery(dag_id=dag.dag_id, run_ids=ids, logical_dates=dates))
        fleet.admit(*found)
    return [run for run in runs if not is_taken(fleet, dag, run.run_id, run.info.logical_date)]

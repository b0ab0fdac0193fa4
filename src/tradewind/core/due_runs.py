"""Runs that a schedule makes: arms each DAG's next one, and makes it when a Tick finds it due."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tradewind.core.dag import Dag
from tradewind.core.fleet import Fleet
from tradewind.core.run_making import automatic_run_id, make_run, runs_at_once
from tradewind.core.timetable_answers import ask
from tradewind.core.turn import Turn
from tradewind.model.changes import ScheduleMoved
from tradewind.model.errors import InvalidSchedule
from tradewind.model.intervals import RunInfo
from tradewind.model.keys import RunKey
from tradewind.model.states import RunType
from tradewind.timetables import NotToldYet

LEAST_PERIOD = timedelta(seconds=1)
"""From the start of one run to that of the next, where one follows the end of the other."""


def arm_schedules(turn: Turn) -> None:
    """Work out the next run of every DAG that was loaded, made runs, or has room again."""
    fleet = turn.fleet
    while fleet.unarmed and turn.has_room:
        dag_id = fleet.unarmed.take()
        turn.spend()
        dag = fleet.dags[dag_id]
        dag.wanted = None
        before, dag.next = dag.next, following(dag, dag.last, turn.now)
        if dag.wanted is not None:
            ask(turn, dag, dag.wanted)
        if dag.next is not None and dag.is_scheduled:
            dag.is_full = not _room(dag)
            when = dag.next.run_after
            if dag.timetable.follows_now and dag.last is not None:
                when = max(when, dag.last.run_after + LEAST_PERIOD)
            if not dag.is_full and dag.armed_for != when:
                dag.armed_for = when
                fleet.make_at(when, dag_id)
        if dag.next != before:
            turn.emit(ScheduleMoved(dag_id, dag.last, dag.next))


def upcoming(dag: Dag, now: datetime) -> Iterator[RunInfo]:
    """The runs that are due, as many as max_active_runs leaves room for."""
    room = min(_room(dag), runs_at_once(dag)) if dag.is_scheduled else 0
    info = following(dag, dag.last, now) if dag.timetable.follows_now else dag.next
    while room > 0 and info is not None and info.run_after <= now:
        yield info
        room -= 1
        info = following(dag, info, now)


def make_due_runs(turn: Turn, dag: Dag) -> None:
    """Make the runs of one DAG that are due."""
    due = list(upcoming(dag, turn.now))
    dag.armed_for = None
    for info in due:
        run_id = automatic_run_id(dag, RunType.SCHEDULED, info)
        if not is_taken(turn.fleet, dag, run_id, info.logical_date):
            make_run(
                turn,
                dag,
                run_id=run_id,
                run_type=RunType.SCHEDULED,
                info=info,
                reason="its time has come",
            )
        dag.last = info
    if due:
        dag.next = following(dag, dag.last, turn.now)
        turn.emit(ScheduleMoved(dag.dag_id, dag.last, dag.next))
    turn.fleet.unarmed.add(dag.dag_id)


def is_taken(fleet: Fleet, dag: Dag, run_id: str, date: datetime | None) -> bool:
    """Whether the DAG has a run of that name or logical date."""
    if date is not None and (dag.dag_id, date) in fleet.dates:
        return True
    return fleet.find(RunKey(dag.dag_id, run_id)) is not None


def _room(dag: Dag) -> int:
    most = 1 if dag.timetable.follows_now else dag.plan.max_active_runs
    return max(0, most - dag.scheduled_runs)


def following(dag: Dag, last: RunInfo | None, now: datetime) -> RunInfo | None:
    """The run after `last`; None if there is none, the DAG cannot be run at all, or its timetable
    must be asked first: then `dag.wanted` says what.
    """
    if dag.is_stale or not dag.plan.tasks or dag.index.unsupported:
        return None
    try:
        return dag.timetable.next_run(
            last=last,
            earliest=dag.index.earliest,
            latest=dag.index.latest,
            catchup=dag.plan.catchup,
            now=now,
        )
    except NotToldYet as gap:
        dag.wanted = gap.question
        return None
    except (ValueError, OverflowError, InvalidSchedule):
        return None  # a cron expression whose last tick is over, an author's code that fails

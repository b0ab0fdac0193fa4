"""Which rows outside memory an event concerns: pure, so that the shell can load them before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tradewind.core.backfill import next_slice
from tradewind.core.clear import bounds
from tradewind.core.dag import Backfill, Dag
from tradewind.core.due_runs import upcoming
from tradewind.core.fleet import Fleet
from tradewind.core.run_making import automatic_run_id
from tradewind.core.trigger import date_of
from tradewind.model.commands import ClearTasks, ForkRun, MarkTask, PatchRun, TriggerRun
from tradewind.model.errors import InvalidSchedule
from tradewind.model.events import CommandGiven, DagLoaded, Event, Tick
from tradewind.model.intervals import RunInfo
from tradewind.model.snapshots import DagSnapshot, RunQuery
from tradewind.model.states import RunType
from tradewind.timetables import NotToldYet


def needs(fleet: Fleet, event: Event, now: datetime) -> tuple[RunQuery, ...]:
    """What to admit to the fleet before `decide(fleet, event, now)`; mostly nothing."""
    return tuple(_with_before(fleet, query) for query in _named_by(fleet, event, now))


def _with_before(fleet: Fleet, query: RunQuery) -> RunQuery:
    """The same and the runs before, where a task of the DAG looks back."""
    dag = fleet.dags.get(query.dag_id)
    if dag is None or not dag.looks_back:
        return query
    return replace(query, with_before=True)


def _named_by(fleet: Fleet, event: Event, now: datetime) -> tuple[RunQuery, ...]:
    match event:
        case DagLoaded(dag=snapshot):
            return _needs_of_moving(fleet, snapshot)
        case Tick():
            return tuple(_needs_of_tick(fleet, now))
        case CommandGiven(command=TriggerRun() as command):
            date = date_of(command, fleet.dags.get(command.dag_id))
            dates = () if date is None else (date,)
            return (
                RunQuery(dag_id=command.dag_id, run_ids=(command.run_id,), logical_dates=dates),
            )
        case CommandGiven(command=MarkTask() as command) if (
            command.include_past or command.include_future
        ):
            return (RunQuery(dag_id=command.dag_id),)
        case CommandGiven(command=ForkRun() as command):
            run_ids = (command.run_id, command.new_run_id)
            date = command.logical_date or command.run_after
            return (RunQuery(dag_id=command.dag_id, run_ids=run_ids, logical_dates=(date,)),)
        case CommandGiven(command=PatchRun() | MarkTask() as command):
            return (RunQuery(dag_id=command.dag_id, run_ids=(command.run_id,)),)
        case CommandGiven(command=ClearTasks() as command):
            return (_needs_of_clear(command),)
    return ()


def _needs_of_moving(fleet: Fleet, snapshot: DagSnapshot) -> tuple[RunQuery, ...]:
    """The runs before those that get a version in which a task looks back."""
    dag = fleet.dags.get(snapshot.plan.dag_id)
    if dag is None or dag.index.version == snapshot.version or not snapshot.plan.looks_back:
        return ()
    run_ids = tuple(key.run_id for key in dag.runs)
    return (RunQuery(dag_id=dag.dag_id, run_ids=run_ids, with_before=True),) if run_ids else ()


def _needs_of_tick(fleet: Fleet, now: datetime) -> list[RunQuery]:
    """The runs that there may be already of the dates that are due."""
    queries = []
    for maker in dict.fromkeys(fleet.makers_due(now)):
        if isinstance(maker, str):
            dag = fleet.dags[maker]
            infos: Sequence[RunInfo] = list(upcoming(dag, now))
            run_type = RunType.SCHEDULED
        elif maker in fleet.backfills:
            backfill = fleet.backfills[maker]
            dag = fleet.dags[backfill.row.dag_id]
            infos = _told_slice(fleet, backfill)
            run_type = RunType.BACKFILL
        else:
            continue
        if infos:
            queries.append(_named(dag, run_type, infos))
    return queries


def _told_slice(fleet: Fleet, backfill: Backfill) -> Sequence[RunInfo]:
    try:
        return next_slice(fleet, backfill)
    except (NotToldYet, InvalidSchedule):
        return ()


def _named(dag: Dag, run_type: RunType, infos: Sequence[RunInfo]) -> RunQuery:
    return RunQuery(
        dag_id=dag.dag_id,
        run_ids=tuple(automatic_run_id(dag, run_type, info) for info in infos),
        logical_dates=tuple(info.logical_date for info in infos if info.logical_date is not None),
    )


def _needs_of_clear(command: ClearTasks) -> RunQuery:
    """The runs named; all of the DAG where they are chosen by what only their rows tell."""
    beyond = command.include_past or command.include_future
    if command.run_ids and not beyond:
        return RunQuery(dag_id=command.dag_id, run_ids=command.run_ids)
    if command.run_ids:
        return RunQuery(dag_id=command.dag_id)
    start, end = bounds(command)
    return RunQuery(dag_id=command.dag_id, logical_date_gte=start, logical_date_lte=end)

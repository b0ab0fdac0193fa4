"""A run that a user asks for."""

from datetime import datetime
from typing import Any

from tradewind.core.answers import NotPossible
from tradewind.core.dag import Dag
from tradewind.core.run_making import interval_of, make_run
from tradewind.core.turn import Turn
from tradewind.model.commands import TriggerRun
from tradewind.model.intervals import DataInterval, RunInfo
from tradewind.model.keys import RunKey
from tradewind.model.states import RunType


def trigger_run(turn: Turn, command: TriggerRun) -> dict[str, Any]:
    """Make one run. Raises NotPossible: unknown DAG, taken name or date, impossible interval."""
    dag = dag_to_run(turn, command.dag_id)
    date = date_of(command, dag)
    check_new_run(turn, dag, command)
    interval = _interval(dag, command, date)
    run_after = command.run_after or (interval.end if interval is not None else date)
    if run_after is None:
        raise NotPossible(400, "give run_after or logical_date")
    make_run(
        turn,
        dag,
        run_id=command.run_id,
        run_type=run_type_of(command),
        info=RunInfo(run_after, interval),
        reason=f"triggered by {command.triggered_by}",
        logical_date=date,
        conf=command.conf,
        note=command.note,
        triggered_by=command.triggered_by,
        triggering_user_name=command.triggering_user_name,
    )
    return {"run_id": command.run_id}


def check_new_run(turn: Turn, dag: Dag, command: TriggerRun) -> None:
    """Raise NotPossible for a type that the DAG does not allow, and for a taken name or date."""
    if command.triggered_by != "test":  # which is no run of the DAG's own
        check_run_type(dag, run_type_of(command))
    if turn.fleet.find(RunKey(dag.dag_id, command.run_id)) is not None:
        raise NotPossible(
            409, f"DAG {dag.dag_id} already has a run {command.run_id}; choose another run_id"
        )
    date = date_of(command, dag)
    if date is not None and (other := turn.fleet.dates.get((dag.dag_id, date))) is not None:
        raise NotPossible(
            409,
            f"DAG {dag.dag_id} already has a run of logical date {date.isoformat()}: "
            f"{other.key.run_id}",
        )


def run_type_of(command: TriggerRun) -> RunType:
    """What kind of run it is."""
    if command.materializes:
        return RunType.ASSET_MATERIALIZATION
    by_operator = command.triggered_by == "operator"
    return RunType.OPERATOR_TRIGGERED if by_operator else RunType.MANUAL


def date_of(command: TriggerRun, dag: Dag | None) -> datetime | None:
    """The run's logical date: the one asked for, or now where the DAG's runs always have one."""
    if command.logical_date is None and dag is not None and dag.plan.manual_run_is_dated:
        return command.run_after
    return command.logical_date


def dag_to_run(turn: Turn, dag_id: str) -> Dag:
    """A DAG of which runs can be made. Raises NotPossible."""
    dag = turn.fleet.dags.get(dag_id)
    if dag is None or dag.is_stale:
        raise NotPossible(404, f"there is no DAG {dag_id}")
    if dag.index.unsupported:
        raise NotPossible(
            400, f"DAG {dag_id} cannot be run yet: {'; '.join(dag.index.unsupported)}"
        )
    return dag


def check_run_type(dag: Dag, run_type: RunType) -> None:
    """Raise NotPossible for a run of a type that the DAG does not allow."""
    allowed = dag.plan.allowed_run_types
    if allowed and run_type.value not in allowed:
        raise NotPossible(
            400,
            f"DAG {dag.dag_id} does not allow {run_type.value} runs: "
            f"its allowed_run_types are {', '.join(allowed)}",
        )


def _interval(dag: Dag, command: TriggerRun, date: datetime | None) -> DataInterval | None:
    start, end = command.data_interval_start, command.data_interval_end
    if (start is None) != (end is None):
        raise NotPossible(400, "give both data_interval_start and data_interval_end, or neither")
    if start is not None and end is not None and start > end:
        raise NotPossible(400, "data_interval_start must not come after data_interval_end")
    given = interval_of(start, end)
    if given is not None or date is None:
        return given
    return dag.timetable.manual_interval(run_after=date)

"""New runs with their task instances, pinned to the latest version of the DAG."""

from datetime import datetime
from typing import Any

from tradewind.core.dag import Backfill, Dag
from tradewind.core.instances import Run, new_task
from tradewind.core.turn import Turn
from tradewind.model.keys import RunKey
from tradewind.model.plan import TaskPlan
from tradewind.model.snapshots import DataInterval, RunInfo, RunSnapshot
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
    snapshot = RunSnapshot(
        key=key,
        run_type=run_type,
        state=RunState.QUEUED,
        version=dag.index.version,
        run_after=info.run_after,
        data_interval_start=interval.start if interval else None,
        data_interval_end=interval.end if interval else None,
        queued_at=turn.now,
        tasks=tuple(new_task(key, node) for node in dag.index.nodes if _in_window(node.plan, date)),
        **facts,
    )
    run = Run(snapshot, dag=dag, index=dag.index, backfill=backfill)
    turn.create_run(run, snapshot, reason)
    return run


def automatic_run_id(dag: Dag, run_type: RunType, info: RunInfo) -> str:
    """The name of a run that nobody named: by run_after, or by logical date as in 2.x."""
    date = info.logical_date if dag.plan.profile == 2 else None
    return f"{run_type.value}__{(date or info.run_after).isoformat()}"


def _in_window(task: TaskPlan, date: datetime | None) -> bool:
    """Whether a task has an instance in a run of that date; in backfills every task has."""
    if date is None:
        return True
    if task.start_date is not None and date < task.start_date:
        return False
    return task.end_date is None or date <= task.end_date


def interval_of(start: datetime | None, end: datetime | None) -> DataInterval | None:
    """Both bounds as an interval; None unless there are both."""
    return DataInterval(start, end) if start is not None and end is not None else None

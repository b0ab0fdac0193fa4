"""Rows that a route needs, or a 404 that says what is not there."""

import sqlalchemy as sa

from tradewind.model.errors import NotFound
from tradewind.model.keys import RunKey, TaskKey
from tradewind.model.plan import Plan
from tradewind.storage.listings.backfills import BackfillRow, find_backfill
from tradewind.storage.listings.dags import DagRow, find_dag
from tradewind.storage.listings.plans import find_plan
from tradewind.storage.listings.runs import RunRow, find_run
from tradewind.storage.listings.tasks import TaskRow, find_task


def the_dag(conn: sa.Connection, dag_id: str) -> DagRow:
    """Raises NotFound."""
    row = find_dag(conn, dag_id)
    if row is None:
        raise NotFound(f"there is no DAG {dag_id!r}")
    return row


def the_plan(conn: sa.Connection, dag_id: str) -> tuple[DagRow, Plan]:
    """A DAG with the Plan of its latest version. Raises NotFound."""
    row = the_dag(conn, dag_id)
    plan = find_plan(conn, dag_id, row.version)
    if plan is None:
        raise NotFound(f"there is no version {row.version} of DAG {dag_id!r}")
    return row, plan


def the_run(conn: sa.Connection, dag_id: str, run_id: str) -> RunRow:
    """Raises NotFound."""
    row = find_run(conn, RunKey(dag_id, run_id))
    if row is None:
        raise NotFound(f"DAG {dag_id!r} has no run {run_id!r}")
    return row


def the_task(conn: sa.Connection, key: TaskKey) -> TaskRow:
    """A task instance. Raises NotFound."""
    row = find_task(conn, key)
    if row is None:
        mapped = f" with map index {key.map_index}" if key.map_index >= 0 else ""
        raise NotFound(
            f"run {key.run_id!r} of DAG {key.dag_id!r} has no task instance {key.task_id!r}{mapped}"
        )
    return row


def the_backfill(conn: sa.Connection, backfill_id: int) -> BackfillRow:
    """Raises NotFound."""
    row = find_backfill(conn, backfill_id)
    if row is None:
        raise NotFound(f"there is no backfill {backfill_id}")
    return row


def check_lists(conn: sa.Connection, dag_id: str | None, run_id: str | None) -> None:
    """Raises NotFound if a list is asked of a DAG or run that does not exist."""
    if dag_id is not None:
        the_dag(conn, dag_id)
        if run_id is not None:
            the_run(conn, dag_id, run_id)

"""Runs as lists and pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tradewind.model.keys import RunKey
from tradewind.model.states import RUN_FINISHED
from tradewind.storage.listings.criteria import (
    Conditions,
    Search,
    duration_s,
    one_of,
    ordering,
    read_one,
    read_page,
)
from tradewind.storage.tables import dag, dag_run, dag_version


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run."""

    dag_id: str
    run_id: str
    dag_display_name: str | None
    bundle_name: str | None
    run_type: str
    state: str
    version: int
    version_created_at: datetime | None
    run_after: datetime
    logical_date: datetime | None
    data_interval_start: datetime | None
    data_interval_end: datetime | None
    queued_at: datetime | None
    start_date: datetime | None
    end_date: datetime | None
    conf: dict[str, Any]
    triggered_by: str
    triggering_user_name: str | None
    note: str | None
    backfill_id: int | None
    clear_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilters:
    """Which runs; what is None or empty does not matter."""

    dag_ids: Sequence[str] = ()
    run_ids: Sequence[str] = ()
    states: Sequence[str] = ()
    run_types: Sequence[str] = ()
    versions: Sequence[int] = ()
    backfill_id: int | None = None
    conf_contains: str | None = None
    search: Search = field(default_factory=Search)
    """Ranges: run_after, logical_date, start_date, end_date, updated_at, duration. Texts: run_id,
    dag_id, triggering_user_name."""


def list_runs(
    conn: sa.Connection,
    filters: RunFilters,
    *,
    limit: int | None = None,
    offset: int = 0,
    order_by: Sequence[str] = (),
) -> tuple[list[RunRow], int]:
    """One page of runs and their number. Raises UnknownOrder."""
    columns = _columns(conn)
    query = _runs().where(*_conditions(filters, columns))
    allowed = {
        "id": dag_run.c.run_after,
        "dag_run_id": dag_run.c.run_id,
        "state": dag_run.c.state,
        "conf": dag_run.c.conf,
        **columns,
    }
    del allowed["triggering_user_name"]
    order = ordering(
        order_by or ("id",), allowed, dag_run.c.run_after, dag_run.c.dag_id, dag_run.c.run_id
    )
    return read_page(conn, query, order=order, limit=limit, offset=offset, into=RunRow)


def find_run(conn: sa.Connection, key: RunKey) -> RunRow | None:
    """One run."""
    query = _runs().where(dag_run.c.dag_id == key.dag_id, dag_run.c.run_id == key.run_id)
    return read_one(conn, query, RunRow)


def count_unfinished(conn: sa.Connection, dag_id: str) -> int:
    """How many runs of a DAG have not ended."""
    query = sa.select(sa.func.count()).where(
        dag_run.c.dag_id == dag_id, dag_run.c.state.not_in(list(RUN_FINISHED))
    )
    return int(conn.execute(query).scalar_one())


def _runs() -> sa.Select[Any]:
    joined = dag_run.outerjoin(dag, dag.c.dag_id == dag_run.c.dag_id).outerjoin(
        dag_version,
        sa.and_(
            dag_version.c.dag_id == dag_run.c.dag_id, dag_version.c.version == dag_run.c.version
        ),
    )
    return sa.select(
        dag_run.c.dag_id,
        dag_run.c.run_id,
        dag.c.display_name.label("dag_display_name"),
        dag.c.bundle_name,
        dag_run.c.run_type,
        dag_run.c.state,
        dag_run.c.version,
        dag_version.c.created_at.label("version_created_at"),
        dag_run.c.run_after,
        dag_run.c.logical_date,
        dag_run.c.data_interval_start,
        dag_run.c.data_interval_end,
        dag_run.c.queued_at,
        dag_run.c.start_date,
        dag_run.c.end_date,
        dag_run.c.conf,
        dag_run.c.triggered_by,
        dag_run.c.triggering_user_name,
        dag_run.c.note,
        dag_run.c.backfill_id,
        dag_run.c.clear_number,
    ).select_from(joined)


def _columns(conn: sa.Connection) -> dict[str, sa.ColumnElement[Any]]:
    run = dag_run.c
    return {
        "dag_id": run.dag_id,
        "run_id": run.run_id,
        "triggering_user_name": run.triggering_user_name,
        "run_after": run.run_after,
        "logical_date": run.logical_date,
        "start_date": run.start_date,
        "end_date": run.end_date,
        "duration": duration_s(conn, run.start_date, run.end_date),
        # the latest step that the row knows of
        "updated_at": sa.func.coalesce(run.end_date, run.start_date, run.queued_at),
    }


def _conditions(filters: RunFilters, columns: dict[str, sa.ColumnElement[Any]]) -> Conditions:
    found = [
        *filters.search.conditions(columns),
        *one_of(dag_run.c.dag_id, filters.dag_ids),
        *one_of(dag_run.c.run_id, filters.run_ids),
        *one_of(dag_run.c.state, filters.states),
        *one_of(dag_run.c.run_type, filters.run_types),
        *one_of(dag_run.c.version, filters.versions),
    ]
    if filters.backfill_id is not None:
        found.append(dag_run.c.backfill_id == filters.backfill_id)
    if filters.conf_contains:
        found.append(dag_run.c.conf.icontains(filters.conf_contains, autoescape=True))
    return found

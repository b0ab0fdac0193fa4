"""Backfills as lists and pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tradewind.storage.listings.criteria import ordering, read_one, read_page
from tradewind.storage.tables import backfill, dag


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillRow:
    """One backfill."""

    id: int
    dag_id: str
    dag_display_name: str | None
    from_date: datetime
    to_date: datetime
    max_active_runs: int
    reprocess_behavior: str
    run_backwards: bool
    conf: dict[str, Any]
    is_paused: bool
    created_at: datetime
    completed_at: datetime | None
    all_made: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillFilters:
    """Which backfills; what is None does not matter."""

    dag_id: str | None = None
    active: bool | None = None


def list_backfills(
    conn: sa.Connection,
    filters: BackfillFilters,
    *,
    limit: int | None = None,
    offset: int = 0,
    order_by: Sequence[str] = (),
) -> tuple[list[BackfillRow], int]:
    """One page of backfills and their number. Raises UnknownOrder."""
    query = _backfills()
    if filters.dag_id is not None:
        query = query.where(backfill.c.dag_id == filters.dag_id)
    if filters.active is not None:
        ended = backfill.c.completed_at.is_not(None)
        query = query.where(sa.not_(ended) if filters.active else ended)
    order = ordering(order_by, {"id": backfill.c.id}, backfill.c.id)
    return read_page(conn, query, order=order, limit=limit, offset=offset, into=BackfillRow)


def find_backfill(conn: sa.Connection, backfill_id: int) -> BackfillRow | None:
    """One backfill."""
    return read_one(conn, _backfills().where(backfill.c.id == backfill_id), BackfillRow)


def _backfills() -> sa.Select[Any]:
    return sa.select(
        backfill.c.id,
        backfill.c.dag_id,
        dag.c.display_name.label("dag_display_name"),
        backfill.c.from_date,
        backfill.c.to_date,
        backfill.c.max_active_runs,
        backfill.c.reprocess_behavior,
        backfill.c.run_backwards,
        backfill.c.conf,
        backfill.c.is_paused,
        backfill.c.created_at,
        backfill.c.completed_at,
        backfill.c.all_made,
    ).select_from(backfill.outerjoin(dag, dag.c.dag_id == backfill.c.dag_id))

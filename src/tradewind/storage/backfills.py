"""Backfills: requests to make and run every scheduled run of an interval."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from tradewind.model.snapshots import BackfillSnapshot
from tradewind.storage import statements
from tradewind.storage.tables import backfill

_WRITE = statements.upsert(backfill)
_FACTS = tuple(column.name for column in backfill.c if column.name != "id")


def write(conn: sa.Connection, backfills: Sequence[BackfillSnapshot]) -> None:
    """Insert backfills or write them whole."""
    _WRITE.run(
        conn,
        [
            {"id": item.backfill_id, **{name: getattr(item, name) for name in _FACTS}}
            for item in backfills
        ],
    )


def unfinished(conn: sa.Connection) -> tuple[BackfillSnapshot, ...]:
    """Those not completed, oldest first."""
    query = sa.select(backfill).where(backfill.c.completed_at.is_(None)).order_by(backfill.c.id)
    return tuple(snapshot(row) for row in conn.execute(query))


def get(conn: sa.Connection, backfill_id: int) -> BackfillSnapshot | None:
    """One backfill, None if there is none of this id."""
    row = conn.execute(sa.select(backfill).where(backfill.c.id == backfill_id)).one_or_none()
    return None if row is None else snapshot(row)


def of_dag(conn: sa.Connection, dag_id: str | None = None) -> list[BackfillSnapshot]:
    """All backfills, or one DAG's, latest first."""
    query = sa.select(backfill).order_by(backfill.c.id.desc())
    if dag_id is not None:
        query = query.where(backfill.c.dag_id == dag_id)
    return [snapshot(row) for row in conn.execute(query)]


def next_id(conn: sa.Connection) -> int:
    """The id for the next one."""
    return int(conn.execute(sa.select(sa.func.max(backfill.c.id))).scalar() or 0) + 1


def snapshot(row: Any) -> BackfillSnapshot:
    """A row of `backfill` as a value."""
    facts = dict(row._mapping)
    return BackfillSnapshot(backfill_id=facts.pop("id"), **facts)

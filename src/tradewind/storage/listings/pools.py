"""Pools and how full they are."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from tradewind.model.states import OCCUPYING, TaskState
from tradewind.storage.listings.criteria import Search, ordering, read_one, read_page
from tradewind.storage.tables import pool, task_instance


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRow:
    """One pool; the counts are slots."""

    name: str
    slots: int
    """-1 for no limit."""
    description: str | None
    include_deferred: bool
    running_slots: int = 0
    queued_slots: int = 0
    scheduled_slots: int = 0
    deferred_slots: int = 0

    @property
    def occupied_slots(self) -> int:
        taken = self.running_slots + self.queued_slots
        return taken + self.deferred_slots if self.include_deferred else taken

    @property
    def open_slots(self) -> int:
        """-1 for no limit."""
        return -1 if self.slots == -1 else max(self.slots - self.occupied_slots, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolFilters:
    """Which pools."""

    search: Search = field(default_factory=Search)
    """Texts: pool_name."""


def list_pools(
    conn: sa.Connection,
    filters: PoolFilters,
    *,
    limit: int | None = None,
    offset: int = 0,
    order_by: Sequence[str] = (),
) -> tuple[list[PoolRow], int]:
    """One page of pools and their number. Raises UnknownOrder."""
    query = _pools().where(*filters.search.conditions({"pool_name": pool.c.name}))
    allowed: dict[str, sa.ColumnElement[Any]] = dict.fromkeys(("id", "pool", "name"), pool.c.name)
    order = ordering(order_by, allowed, pool.c.name)
    rows, total = read_page(conn, query, order=order, limit=limit, offset=offset, into=PoolRow)
    return _with_usage(conn, rows), total


def find_pool(conn: sa.Connection, name: str) -> PoolRow | None:
    """One pool."""
    row = read_one(conn, _pools().where(pool.c.name == name), PoolRow)
    return None if row is None else _with_usage(conn, [row])[0]


def _pools() -> sa.Select[Any]:
    return sa.select(pool.c.name, pool.c.slots, pool.c.description, pool.c.include_deferred)


_COUNTED_AS = {
    TaskState.SCHEDULED: "scheduled_slots",
    TaskState.DEFERRED: "deferred_slots",
    **dict.fromkeys(OCCUPYING, "running_slots"),
    TaskState.QUEUED: "queued_slots",
}


def _with_usage(conn: sa.Connection, rows: list[PoolRow]) -> list[PoolRow]:
    ti = task_instance.c
    query = (
        sa.select(ti.pool, ti.state, sa.func.sum(ti.pool_slots))
        .where(ti.state.in_([state.value for state in _COUNTED_AS]))
        .where(ti.pool.in_([row.name for row in rows]))
        .group_by(ti.pool, ti.state)
    )
    usage: dict[str, dict[str, int]] = {}
    for name, state, slots in conn.execute(query):
        counts = usage.setdefault(name, {})
        column = _COUNTED_AS[TaskState(state)]
        counts[column] = counts.get(column, 0) + int(slots)
    return [_used(row, usage.get(row.name, {})) for row in rows]


def _used(row: PoolRow, slots: dict[str, int]) -> PoolRow:
    return replace(
        row,
        running_slots=slots.get("running_slots", 0),
        queued_slots=slots.get("queued_slots", 0),
        scheduled_slots=slots.get("scheduled_slots", 0),
        deferred_slots=slots.get("deferred_slots", 0),
    )

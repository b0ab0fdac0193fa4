"""Pools: named numbers of slots that task instances share."""

import sqlalchemy as sa

from tradewind.model.errors import NotFound, Refused
from tradewind.model.snapshots import PoolSnapshot
from tradewind.storage import statements
from tradewind.storage.tables import pool

DEFAULT_POOL = "default_pool"
_UPSERT = statements.upsert(pool)
_NUMBERS = (pool.c.name, pool.c.slots, pool.c.include_deferred)


def create_default(conn: sa.Connection, slots: int) -> None:
    """Make default_pool if it is not there."""
    if not conn.execute(sa.select(pool.c.name).where(pool.c.name == DEFAULT_POOL)).first():
        upsert(conn, DEFAULT_POOL, slots=slots, description="Default pool")


def all_snapshots(conn: sa.Connection) -> tuple[PoolSnapshot, ...]:
    """All pools, by name."""
    return tuple(
        PoolSnapshot(*row) for row in conn.execute(sa.select(*_NUMBERS).order_by(pool.c.name))
    )


def get(conn: sa.Connection, name: str) -> PoolSnapshot | None:
    """One pool, None if there is none of this name."""
    row = conn.execute(sa.select(*_NUMBERS).where(pool.c.name == name)).one_or_none()
    return None if row is None else PoolSnapshot(*row)


def upsert(
    conn: sa.Connection,
    name: str,
    *,
    slots: int,
    description: str | None = None,
    include_deferred: bool = False,
) -> None:
    """Make a pool or write it whole; -1 slots are without limit. Ring `scheduler` after.

    Raises Refused for an impossible name or number.
    """
    if not name or len(name) > 256:
        raise Refused("the name of a pool has 1 to 256 characters")
    if slots < -1:
        raise Refused(f"a pool has -1 (no limit), 0 or more slots, not {slots}")
    _UPSERT.run(
        conn,
        [
            {
                "name": name,
                "slots": slots,
                "description": description,
                "include_deferred": include_deferred,
            }
        ],
    )


def delete(conn: sa.Connection, name: str) -> None:
    """Raises NotFound, or Refused for default_pool."""
    if name == DEFAULT_POOL:
        raise Refused(f"{DEFAULT_POOL} cannot be deleted")
    if conn.execute(sa.delete(pool).where(pool.c.name == name)).rowcount != 1:
        raise NotFound(f"there is no pool {name!r}")

"""Which scheduler leads: an epoch that every one of its transactions is fenced with, a lease on
PostgreSQL, and beside SQLite's file a lock that tells a second one at once that it is not needed.
"""

import fcntl
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tradewind.model.errors import Refused, StaleWrite
from tradewind.storage.database import Database
from tradewind.storage.statements import when_done
from tradewind.storage.tables import leader

LEASE_S = 30.0
"""How long a leader leads on PostgreSQL unless it renews. Longer than any transaction may idle
(`database.IDLE_TIMEOUT_S`), so that one that hangs in its transaction cannot block who takes over.
"""
_FENCE = {
    "sqlite": "SELECT epoch FROM leader WHERE epoch = ?",
    "postgresql": "SELECT epoch FROM leader WHERE epoch = %s FOR SHARE",
}


def create(conn: sa.Connection) -> None:
    """Insert the one row, led by nobody, if it is not there."""
    if conn.execute(sa.select(leader.c.epoch)).first() is None:
        conn.execute(sa.insert(leader).values(id=1, epoch=0))


def take_over(
    conn: sa.Connection,
    holder: str,
    now: datetime,
    *,
    lease_s: float | None = None,
    instead_of: str | None = None,
) -> int:
    """Become the leader; returns the new epoch, and fences off whoever led before.

    With `lease_s` nobody else can take over for so long (see `renew`). Raises Refused while
    another holder's lease runs, unless it is that of `instead_of`. PostgreSQL's own clock decides
    there, `now` on SQLite.
    """
    at: Any = sa.func.clock_timestamp() if conn.dialect.name == "postgresql" else now
    free = (
        leader.c.expires_at.is_(None)
        | (leader.c.expires_at < at)
        | leader.c.holder.in_([holder, instead_of or holder])
    )
    epoch = conn.execute(
        sa.update(leader)
        .where(free)
        .values(
            epoch=leader.c.epoch + 1,
            holder=holder,
            expires_at=None if lease_s is None else at + timedelta(seconds=lease_s),
        )
        .returning(leader.c.epoch)
    ).scalar()
    if epoch is None:
        row = conn.execute(sa.select(leader.c.holder, leader.c.expires_at)).one()
        raise Refused(f"scheduler {row.holder} leads until {row.expires_at:%H:%M:%S} UTC at least")
    return int(epoch)


def renew(conn: sa.Connection, epoch: int, now: datetime, *, lease_s: float) -> None:
    """Lengthen the lease. Raises StaleWrite if another leads by now."""
    at: Any = sa.func.clock_timestamp() if conn.dialect.name == "postgresql" else now
    renewed = conn.execute(
        sa.update(leader)
        .where(leader.c.epoch == epoch)
        .values(expires_at=at + timedelta(seconds=lease_s))
    )
    if renewed.rowcount != 1:
        raise _superseded(conn, epoch)


def release(conn: sa.Connection, epoch: int) -> None:
    """Let another take over at once. Harmless if one has."""
    conn.execute(sa.update(leader).where(leader.c.epoch == epoch).values(expires_at=None))


def vanished(conn: sa.Connection, me: str) -> str | None:
    """The holder, if its process is gone: the session in which it listens (`bells`) is not there,
    although our own can be seen. On PostgreSQL only.
    """
    if conn.dialect.name != "postgresql":
        return None
    found = conn.execute(_VANISHED, {"me": me}).scalar()
    return None if found is None else str(found)


_VANISHED = sa.text(
    "WITH seen AS (SELECT application_name FROM pg_stat_activity"
    " WHERE datname = current_database())"
    " SELECT holder FROM leader WHERE holder <> :me"
    " AND left('tradewind ' || holder, 63) NOT IN (SELECT application_name FROM seen"
    " WHERE application_name IS NOT NULL)"
    " AND left('tradewind ' || :me, 63) IN (SELECT application_name FROM seen)"
)


def hold(conn: sa.Connection, epoch: int) -> None:
    """Begin a leader's transaction: nobody can take over before it ends.

    Raises StaleWrite if another leads by now. (SQLite's writers exclude each other anyway.)
    """
    cursor = conn.connection.cursor()
    cursor.execute(_FENCE[conn.dialect.name], (epoch,))

    def check() -> None:
        found = cursor.fetchone()
        cursor.close()
        if found is None:
            raise _superseded(conn, epoch)

    when_done(conn, check)


def _superseded(conn: sa.Connection, epoch: int) -> StaleWrite:
    row = conn.execute(sa.select(leader.c.epoch, leader.c.holder)).one()
    return StaleWrite(
        f"epoch {epoch} is over: scheduler {row.holder} leads since epoch {row.epoch}"
    )


class LockHandle:
    """Holds the scheduler's lock until it is closed or its process ends."""

    def __init__(self, release: Callable[[], None]) -> None:
        self._release: Callable[[], None] | None = release

    def close(self) -> None:
        """Let another scheduler start. Harmless if done twice."""
        if self._release is not None:
            self._release()
            self._release = None


def lock_beside(database: Database) -> LockHandle:
    """Lock out a second scheduler with a flock beside SQLite's file. On PostgreSQL a second one
    may run: it stands by.

    Raises Refused with the pid of the scheduler that has the lock.
    """
    if database.path is not None:
        return _lock_file(database.path.with_name(database.path.name + ".scheduler-lock"))
    return LockHandle(lambda: None)


def _lock_file(path: Path) -> LockHandle:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        pid = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
        os.close(descriptor)
        raise Refused(f"a scheduler runs on this database already, pid {pid}") from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return LockHandle(lambda: os.close(descriptor))

"""Who may log in. Passwords come hashed; this module cannot check one."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from tradewind.model.errors import NotFound
from tradewind.storage import statements
from tradewind.storage.tables import user_account

_UPSERT = statements.upsert(user_account, keep=["created_at"])


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAccount:
    """One user."""

    username: str
    password_hash: str
    role: str
    created_at: datetime


def get(conn: sa.Connection, username: str) -> UserAccount | None:
    """One user, None if there is none of this name."""
    query = sa.select(user_account).where(user_account.c.username == username)
    row = conn.execute(query).mappings().one_or_none()
    return None if row is None else UserAccount(**row)


def all_users(conn: sa.Connection) -> list[UserAccount]:
    """Everybody, by name."""
    query = sa.select(user_account).order_by(user_account.c.username)
    return [UserAccount(**row) for row in conn.execute(query).mappings()]


def any_user(conn: sa.Connection) -> bool:
    """Whether there is a user at all."""
    return conn.execute(sa.select(user_account.c.username).limit(1)).first() is not None


def upsert(
    conn: sa.Connection, username: str, *, password_hash: str, role: str, now: datetime
) -> None:
    """Make a user, or give one a new password and role."""
    row = {
        "username": username,
        "password_hash": password_hash,
        "role": role,
        "created_at": now,
    }
    _UPSERT.run(conn, [row])


def delete(conn: sa.Connection, username: str) -> None:
    """Raises NotFound."""
    removed = sa.delete(user_account).where(user_account.c.username == username)
    if conn.execute(removed).rowcount != 1:
        raise NotFound(f"there is no user {username!r}")

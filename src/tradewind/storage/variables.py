"""Variables: users' settings by key, encrypted."""

import sqlalchemy as sa

from tradewind.model.errors import NotFound, Refused
from tradewind.storage import statements
from tradewind.storage.secrets import Cipher
from tradewind.storage.tables import variable

_UPSERT = statements.upsert(variable)
_UPSERT_VALUE = statements.upsert(variable, keep=["description"])


def get(conn: sa.Connection, key: str, cipher: Cipher) -> str | None:
    """The value, None if there is none."""
    token = conn.execute(sa.select(variable.c.value).where(variable.c.key == key)).scalar()
    return None if token is None else cipher.decrypt(token)


def keys(conn: sa.Connection, prefix: str = "") -> list[str]:
    """The sorted keys that start with `prefix`."""
    query = sa.select(variable.c.key).where(
        sa.func.substr(variable.c.key, 1, len(prefix)) == prefix
    )
    return sorted(conn.execute(query).scalars())


def upsert(
    conn: sa.Connection, key: str, value: str, *, description: str | None = None, cipher: Cipher
) -> None:
    """Make a variable or replace its value; without a description the old one stays.

    Raises Refused for an impossible key.
    """
    if not key or len(key) > 250:
        raise Refused("the key of a variable has 1 to 250 characters")
    statement = _UPSERT_VALUE if description is None else _UPSERT
    row = {"key": key, "value": cipher.encrypt(value), "description": description}
    statement.run(conn, [row])


def delete(conn: sa.Connection, key: str) -> None:
    """Raises NotFound."""
    if conn.execute(sa.delete(variable).where(variable.c.key == key)).rowcount != 1:
        raise NotFound(f"there is no variable {key!r}")

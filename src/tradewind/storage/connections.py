"""Connections: where other systems are and how to log in there; password and extra encrypted."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from tradewind.model.errors import NotFound, Refused
from tradewind.storage import statements
from tradewind.storage.secrets import Cipher
from tradewind.storage.tables import connection

_UPSERT = statements.upsert(connection)
_SECRET = ("password", "extra")
FIELDS = tuple(column.name for column in connection.c)
"""conn_id, conn_type, description, host, schema, login, port, password, extra (JSON text)."""


def get(conn: sa.Connection, conn_id: str, cipher: Cipher) -> dict[str, Any] | None:
    """FIELDS by name, decrypted; None if there is no such connection."""
    query = sa.select(connection).where(connection.c.conn_id == conn_id)
    row = conn.execute(query).mappings().one_or_none()
    if row is None:
        return None
    return {**row, **{name: cipher.decrypt_optional(row[name]) for name in _SECRET}}


def conn_ids(conn: sa.Connection) -> list[str]:
    """The sorted ids of all connections."""
    return sorted(conn.execute(sa.select(connection.c.conn_id)).scalars())


def upsert(conn: sa.Connection, fields: Mapping[str, Any], cipher: Cipher) -> None:
    """Make a connection or write it whole; fields left out are None.

    Raises Refused without conn_id and conn_type, or for an unknown field.
    """
    unknown = sorted(set(fields) - set(FIELDS))
    if unknown:
        raise Refused(f"a connection has no {', '.join(unknown)}: it has {', '.join(FIELDS)}")
    row: dict[str, Any] = {**dict.fromkeys(FIELDS), **fields}
    if not row["conn_id"] or len(row["conn_id"]) > 250:
        raise Refused("the conn_id of a connection has 1 to 250 characters")
    if not row["conn_type"]:
        raise Refused("a connection needs a conn_type, such as http, postgres or generic")
    row.update({name: cipher.encrypt_optional(row[name]) for name in _SECRET})
    _UPSERT.run(conn, [row])


def delete(conn: sa.Connection, conn_id: str) -> None:
    """Raises NotFound."""
    if conn.execute(sa.delete(connection).where(connection.c.conn_id == conn_id)).rowcount != 1:
        raise NotFound(f"there is no connection {conn_id!r}")

"""Connections as lists and pages show them, decrypted; masking is the caller's business."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from tradewind.storage.listings.criteria import Search, ordering, read_one, read_page
from tradewind.storage.secrets import Cipher
from tradewind.storage.tables import connection


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRow:
    """One connection."""

    conn_id: str
    conn_type: str
    description: str | None
    host: str | None
    schema: str | None
    login: str | None
    port: int | None
    password: str | None
    extra: str | None
    """JSON text, as a rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionFilters:
    """Which connections."""

    search: Search = field(default_factory=Search)
    """Texts: connection_id."""


def list_connections(
    conn: sa.Connection,
    filters: ConnectionFilters,
    *,
    cipher: Cipher,
    limit: int | None = None,
    offset: int = 0,
    order_by: Sequence[str] = (),
) -> tuple[list[ConnectionRow], int]:
    """One page of connections and their number. Raises UnknownOrder."""
    columns = connection.c
    query = _connections().where(*filters.search.conditions({"connection_id": columns.conn_id}))
    allowed: dict[str, sa.ColumnElement[Any]] = {
        "id": columns.conn_id,
        "conn_id": columns.conn_id,
        "connection_id": columns.conn_id,
        "conn_type": columns.conn_type,
        "description": columns.description,
        "host": columns.host,
        "port": columns.port,
    }
    order = ordering(order_by, allowed, columns.conn_id)
    rows, total = read_page(
        conn, query, order=order, limit=limit, offset=offset, into=ConnectionRow
    )
    return [_decrypted(row, cipher) for row in rows], total


def find_connection(conn: sa.Connection, conn_id: str, *, cipher: Cipher) -> ConnectionRow | None:
    """One connection."""
    row = read_one(conn, _connections().where(connection.c.conn_id == conn_id), ConnectionRow)
    return None if row is None else _decrypted(row, cipher)


def _decrypted(row: ConnectionRow, cipher: Cipher) -> ConnectionRow:
    return replace(
        row,
        password=None if row.password is None else cipher.decrypt(row.password),
        extra=None if row.extra is None else cipher.decrypt(row.extra),
    )


def _connections() -> sa.Select[Any]:
    columns = connection.c
    return sa.select(
        columns.conn_id,
        columns.conn_type,
        columns.description,
        columns.host,
        columns.schema,
        columns.login,
        columns.port,
        columns.password,
        columns.extra,
    )

"""Connections: list, look at, make, change, delete."""

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query, status

from tradewind.model.errors import AlreadyExists, NotFound, UserError
from tradewind.server.api.masks import UpdateMask, chosen
from tradewind.server.api.paging import page_size
from tradewind.server.api.schemas.connections import (
    ConnectionBody,
    ConnectionCollectionResponse,
    ConnectionResponse,
    ConnectionsQuery,
    kept_extra,
    kept_password,
)
from tradewind.server.api.schemas.ranges import search_of
from tradewind.server.auth.access import needs
from tradewind.server.auth.roles import Permission
from tradewind.server.services import Here, Services
from tradewind.storage import bells
from tradewind.storage import connections as stored_connections
from tradewind.storage.listings.connections import (
    ConnectionFilters,
    ConnectionRow,
    find_connection,
    list_connections,
)

router = APIRouter(
    prefix="/connections", tags=["Connection"], dependencies=[needs(Permission.USE_CONNECTIONS)]
)

_COLUMNS = {
    "conn_type": "conn_type",
    "description": "description",
    "host": "host",
    "login": "login",
    "schema_": "schema",
    "port": "port",
    "password": "password",
    "extra": "extra",
}
"""The column of each field that can be changed."""


@router.get("")
def get_connections(
    here: Here, query: Annotated[ConnectionsQuery, Query()]
) -> ConnectionCollectionResponse:
    """Connections, their secrets masked."""
    with here.database.read() as conn:
        rows, total = list_connections(
            conn,
            ConnectionFilters(search=search_of(query, texts=("connection_id",))),
            cipher=here.cipher,
            limit=page_size(here.settings, query.limit),
            offset=query.offset,
            order_by=query.order_by,
        )
    return ConnectionCollectionResponse(
        connections=[_shown(here, row) for row in rows], total_entries=total
    )


@router.post("", status_code=status.HTTP_201_CREATED)
def post_connection(here: Here, body: ConnectionBody) -> ConnectionResponse:
    """Make a connection."""
    with here.database.write() as conn:
        if find_connection(conn, body.connection_id, cipher=here.cipher) is not None:
            raise AlreadyExists(f"there is a connection {body.connection_id!r} already")
        written = {column: getattr(body, field) for field, column in _COLUMNS.items()}
        _store(here, conn, body.connection_id, written)
    return _changed(here, body.connection_id)


@router.get("/{connection_id}")
def get_connection(here: Here, connection_id: str) -> ConnectionResponse:
    """One connection, its secrets masked."""
    with here.database.read() as conn:
        return _shown(here, _the_connection(here, conn, connection_id))


@router.patch("/{connection_id}")
def patch_connection(
    here: Here,
    connection_id: str,
    body: ConnectionBody,
    update_mask: UpdateMask = [],  # noqa: B006 - FastAPI copies it
) -> ConnectionResponse:
    """Change a connection; its id stays. `***` leaves what was masked as it is."""
    if body.connection_id != connection_id:
        raise UserError(
            f"connection {connection_id!r} cannot be renamed: make another and delete this one"
        )
    named = [name for name in update_mask if name != "connection_id"]
    fields = chosen(body, named, tuple(_COLUMNS))
    with here.database.write() as conn:
        row = _the_connection(here, conn, connection_id)
        written = {
            column: getattr(body if field in fields else row, field if field in fields else column)
            for field, column in _COLUMNS.items()
        }
        written["password"] = kept_password(written["password"], row.password)
        written["extra"] = kept_extra(written["extra"], row.extra)
        _store(here, conn, connection_id, written)
    return _changed(here, connection_id)


@router.delete("/{connection_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_connection(here: Here, connection_id: str) -> None:
    """Delete a connection."""
    with here.database.write() as conn:
        stored_connections.delete(conn, connection_id)
    bells.ring(here.database, "answers")


def _store(
    here: Services, conn: sa.Connection, connection_id: str, written: dict[str, Any]
) -> None:
    stored_connections.upsert(conn, {"conn_id": connection_id, **written}, here.cipher)


def _shown(here: Services, row: ConnectionRow) -> ConnectionResponse:
    return ConnectionResponse.of(row, masked=here.settings.core.hide_sensitive_var_conn_fields)


def _the_connection(here: Services, conn: sa.Connection, connection_id: str) -> ConnectionRow:
    row = find_connection(conn, connection_id, cipher=here.cipher)
    if row is None:
        raise NotFound(f"there is no connection {connection_id!r}")
    return row


def _changed(here: Services, connection_id: str) -> ConnectionResponse:
    # a DAG file may have read it while it was parsed
    bells.ring(here.database, "answers")
    return get_connection(here, connection_id)

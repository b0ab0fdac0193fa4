"""DAG files that could not be read, as lists and pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tradewind.storage.listings.criteria import Search, ordering, read_one, read_page
from tradewind.storage.tables import import_error


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportErrorRow:
    """Why one file could not be read."""

    id: int
    filename: str
    bundle_name: str
    timestamp: datetime
    stack_trace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportErrorFilters:
    """Which files; what is None does not matter."""

    filename: str | None = None
    bundle_name: str | None = None
    search: Search = field(default_factory=Search)
    """Texts: filename."""


def list_import_errors(
    conn: sa.Connection,
    filters: ImportErrorFilters,
    *,
    limit: int | None = None,
    offset: int = 0,
    order_by: Sequence[str] = (),
) -> tuple[list[ImportErrorRow], int]:
    """One page of import errors and their number. Raises UnknownOrder."""
    query = _errors().where(
        *filters.search.conditions({"filename": import_error.c.filename}),
    )
    if filters.filename is not None:
        query = query.where(import_error.c.filename == filters.filename)
    if filters.bundle_name is not None:
        query = query.where(import_error.c.bundle_name == filters.bundle_name)
    allowed: dict[str, sa.ColumnElement[Any]] = {
        "id": import_error.c.id,
        "import_error_id": import_error.c.id,
        "timestamp": import_error.c.timestamp,
        "filename": import_error.c.filename,
        "bundle_name": import_error.c.bundle_name,
        "stacktrace": import_error.c.stack_trace,
    }
    order = ordering(order_by, allowed, import_error.c.id)
    return read_page(conn, query, order=order, limit=limit, offset=offset, into=ImportErrorRow)


def find_import_error(conn: sa.Connection, error_id: int) -> ImportErrorRow | None:
    """One import error."""
    return read_one(conn, _errors().where(import_error.c.id == error_id), ImportErrorRow)


def _errors() -> sa.Select[Any]:
    return sa.select(
        import_error.c.id,
        import_error.c.filename,
        import_error.c.bundle_name,
        import_error.c.timestamp,
        import_error.c.stack_trace,
    )

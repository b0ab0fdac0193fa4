"""Variables as lists and pages show them, decrypted; masking is the caller's business."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from tradewind.storage.listings.criteria import Search, ordering, read_one, read_page
from tradewind.storage.secrets import Cipher
from tradewind.storage.tables import variable


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableRow:
    """One variable."""

    key: str
    value: str
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableFilters:
    """Which variables."""

    search: Search = field(default_factory=Search)
    """Texts: variable_key."""


def list_variables(
    conn: sa.Connection,
    filters: VariableFilters,
    *,
    cipher: Cipher,
    limit: int | None = None,
    offset: int = 0,
    order_by: Sequence[str] = (),
) -> tuple[list[VariableRow], int]:
    """One page of variables and their number. Raises UnknownOrder."""
    query = _variables().where(*filters.search.conditions({"variable_key": variable.c.key}))
    allowed: dict[str, sa.ColumnElement[Any]] = {
        "id": variable.c.key,
        "key": variable.c.key,
        "description": variable.c.description,
    }
    order = ordering(order_by, allowed, variable.c.key)
    rows, total = read_page(conn, query, order=order, limit=limit, offset=offset, into=VariableRow)
    return [replace(row, value=cipher.decrypt(row.value)) for row in rows], total


def find_variable(conn: sa.Connection, key: str, *, cipher: Cipher) -> VariableRow | None:
    """One variable."""
    row = read_one(conn, _variables().where(variable.c.key == key), VariableRow)
    return None if row is None else replace(row, value=cipher.decrypt(row.value))


def _variables() -> sa.Select[Any]:
    return sa.select(variable.c.key, variable.c.value, variable.c.description)

"""What every listing shares: ranges, patterns, order and pages, the same on both databases.

Knows columns, not aggregates; each listing names its own columns in tables it passes in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa

from tradewind.model.errors import UserError

Columns = Mapping[str, sa.ColumnElement[Any]]
Conditions = list[sa.ColumnElement[bool]]

ANY = "~"
"""As a pattern: everything matches."""


class UnknownOrder(UserError):
    """`order_by` names something that the listing cannot be ordered by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Bounds of a moment or a number; a bound that is None does not bind."""

    gte: Any = None
    gt: Any = None
    lte: Any = None
    lt: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Conditions by column name, where the listing knows the name.

    `patterns` match anywhere and ignore case (`%` and `_` are wildcards, `|` separates
    alternatives); `prefixes` match the beginning literally.
    """

    ranges: Mapping[str, Range] = field(default_factory=dict)
    patterns: Mapping[str, str] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)

    def conditions(self, columns: Columns) -> Conditions:
        """All of it as conditions on `columns`. Raises KeyError for a name not among them."""
        found: Conditions = []
        for name, bounds in self.ranges.items():
            found += _within(columns[name], bounds)
        found += [_like(columns[name], pattern) for name, pattern in self.patterns.items()]
        found += [_begins(columns[name], prefix) for name, prefix in self.prefixes.items()]
        return found


def _within(column: sa.ColumnElement[Any], bounds: Range) -> Conditions:
    found: Conditions = []
    if bounds.gte is not None:
        found.append(column >= bounds.gte)
    if bounds.gt is not None:
        found.append(column > bounds.gt)
    if bounds.lte is not None:
        found.append(column <= bounds.lte)
    if bounds.lt is not None:
        found.append(column < bounds.lt)
    return found


def _alternatives(text: str) -> list[str]:
    return [part for part in (piece.strip() for piece in text.split("|")) if part]


def _like(column: sa.ColumnElement[Any], pattern: str) -> sa.ColumnElement[bool]:
    parts = _alternatives(pattern)
    if not parts or ANY in parts:
        return sa.true()
    return sa.or_(*(column.ilike(f"%{part}%") for part in parts))


def _begins(column: sa.ColumnElement[Any], prefix: str) -> sa.ColumnElement[bool]:
    parts = _alternatives(prefix)
    if not parts or ANY in parts:
        return sa.true()
    # LIKE ignores case on SQLite and not on PostgreSQL; comparing the cut text is exact on both.
    return sa.or_(*(sa.func.substr(column, 1, len(part)) == part for part in parts))


def one_of(column: sa.ColumnElement[Any], values: Iterable[Any]) -> Conditions:
    """`column IN values`, or no condition if there are no values."""
    listed = list(values)
    return [column.in_(listed)] if listed else []


def duration_s(
    conn: sa.Connection, start: sa.ColumnElement[Any], end: sa.ColumnElement[Any]
) -> sa.ColumnElement[Any]:
    """Seconds from `start` to `end`, NULL while either is missing."""
    if conn.dialect.name == "postgresql":
        return sa.extract("epoch", sa.type_coerce(end, sa.DateTime) - start)
    microseconds = sa.type_coerce(end, sa.BigInteger) - sa.type_coerce(start, sa.BigInteger)
    return sa.cast(microseconds, sa.Float) / 1_000_000


def ordering(
    order_by: Sequence[str], allowed: Columns, *ties: sa.ColumnElement[Any]
) -> list[sa.ColumnElement[Any]]:
    """ORDER BY for names of `allowed`, each with an optional leading `-`; unset values come last.

    `ties` are the key columns that make the order the same every time. Raises UnknownOrder.
    """
    found: list[sa.ColumnElement[Any]] = []
    for wish in order_by:
        name = wish.removeprefix("-")
        if name not in allowed:
            raise UnknownOrder(
                f"cannot order by {name!r}; possible are {', '.join(sorted(allowed))}, "
                "each with a leading - for descending order"
            )
        column = allowed[name]
        found.append((column.desc() if wish.startswith("-") else column.asc()).nulls_last())
    return [*found, *ties]


T = TypeVar("T")


def read_page(
    conn: sa.Connection,
    query: sa.Select[Any],
    *,
    order: Sequence[sa.ColumnElement[Any]],
    limit: int | None,
    offset: int,
    into: type[T],
) -> tuple[list[T], int]:
    """One page of `query` as `into` objects, built by column label, and the number of all rows."""
    counted = query.order_by(None).with_only_columns(sa.func.count(), maintain_column_froms=True)
    total = conn.execute(counted).scalar_one()
    paged = query.order_by(*order).offset(offset)
    if limit is not None:
        paged = paged.limit(limit)
    return [into(**row._mapping) for row in conn.execute(paged)], total


def read_one(conn: sa.Connection, query: sa.Select[Any], into: type[T]) -> T | None:
    """The only row of `query`, or None."""
    row = conn.execute(query).one_or_none()
    return None if row is None else into(**row._mapping)

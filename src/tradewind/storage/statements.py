"""Statements of the hot path: written in SQLAlchemy Core, compiled once per dialect, run for many
rows at once.

`conn.execute` would do the same at several times the CPU: it builds every parameter set anew.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

Clause = sa.Insert | sa.Update | sa.Delete
Converter = Callable[[Any], Any] | None
DIALECTS = ("sqlite", "postgresql")


class Statement:
    """One INSERT, UPDATE or DELETE whose parameters are bound by name.

    Given a mapping, each dialect has a clause of its own.
    """

    def __init__(self, clause: Clause | Mapping[str, Clause]) -> None:
        self._clauses = clause if isinstance(clause, Mapping) else dict.fromkeys(DIALECTS, clause)
        self._compiled: dict[str, tuple[str, tuple[tuple[str, Converter], ...], bool]] = {}

    def run(self, conn: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Execute for every row; returns how many rows of the table were touched in all."""
        if not rows:
            return 0
        name = conn.dialect.name
        text, binds, positional = self._compiled.get(name) or self._compile(conn.dialect)
        filled = (
            [
                (bind, row[bind] if convert is None else convert(row[bind]))
                for bind, convert in binds
            ]
            for row in rows
        )
        parameters: list[Any] = (
            [tuple([value for _, value in pairs]) for pairs in filled]
            if positional
            else [dict(pairs) for pairs in filled]
        )
        return conn.exec_driver_sql(text, parameters).rowcount

    def sql(self, dialect: sa.Dialect) -> str:
        """The text as it is sent."""
        return (self._compiled.get(dialect.name) or self._compile(dialect))[0]

    def _compile(self, dialect: sa.Dialect) -> tuple[str, tuple[tuple[str, Converter], ...], bool]:
        compiled: Any = self._clauses[dialect.name].compile(dialect=dialect)
        names = compiled.positiontup if compiled.positional else tuple(compiled.binds)
        binds = tuple(
            (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in names
        )
        known = (compiled.string, binds, bool(compiled.positional))
        self._compiled[dialect.name] = known
        return known


def insert(table: sa.Table) -> Statement:
    """INSERT of every column that the database does not number itself."""
    return Statement(sa.insert(table).values(_bound(_written(table))))


def upsert(table: sa.Table, *, keep: Iterable[str] = ()) -> Statement:
    """INSERT, or where the primary key is there an UPDATE of all columns but those of `keep`."""
    columns = _written(table)
    kept = {*keep, *(column.name for column in table.primary_key)}
    clauses: dict[str, Clause] = {}
    for dialect, make in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert)):
        made: Any = make(table).values(_bound(columns))
        clauses[dialect] = made.on_conflict_do_update(
            index_elements=list(table.primary_key),
            set_={c.name: made.excluded[c.name] for c in columns if c.name not in kept},
        )
    return Statement(clauses)


def delete(table: sa.Table, *columns: str) -> Statement:
    """DELETE of the rows in which `columns` (the primary key, if none is named) are as bound."""
    names = columns or tuple(column.name for column in table.primary_key)
    return Statement(sa.delete(table).where(*[table.c[n] == sa.bindparam(n) for n in names]))


def _written(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.c if column is not table.autoincrement_column]


def _bound(columns: Iterable[sa.Column[Any]]) -> dict[str, sa.BindParameter[Any]]:
    return {column.name: sa.bindparam(column.name, type_=column.type) for column in columns}

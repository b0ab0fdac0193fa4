"""Statements of the hot path: written in SQLAlchemy Core, compiled once per dialect, run for many
rows at once by the driver's own cursor.

`conn.execute` would do the same at several times the CPU: it builds every parameter set, context
and result anew.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

Clause = sa.Insert | sa.Update | sa.Delete
DIALECTS = ("sqlite", "postgresql")


class _Compiled(NamedTuple):
    text: str
    names: tuple[str, ...]
    take: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    converters: tuple[tuple[int, Callable[[Any], Any]], ...]
    """(place, conversion) of the parameters that the driver does not take as they are."""
    positional: bool


class Statement:
    """One INSERT, UPDATE or DELETE whose parameters are bound by name.

    Given a mapping, each dialect has a clause of its own.
    """

    def __init__(self, clause: Clause | Mapping[str, Clause]) -> None:
        self._clauses = clause if isinstance(clause, Mapping) else dict.fromkeys(DIALECTS, clause)
        self._compiled: dict[str, _Compiled] = {}

    def run(self, conn: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Execute for every row; returns how many rows of the table were touched in all."""
        if not rows:
            return 0
        known = self._compiled.get(conn.dialect.name) or self._compile(conn.dialect)
        parameters: list[Any] = []
        for row in rows:
            values = list(known.take(row))
            for place, convert in known.converters:
                values[place] = convert(values[place])
            parameters.append(
                tuple(values) if known.positional else dict(zip(known.names, values, strict=True))
            )
        cursor = conn.connection.cursor()
        try:
            cursor.executemany(known.text, parameters)
            return int(cursor.rowcount)
        except conn.dialect.loaded_dbapi.Error as error:
            base = conn.dialect.loaded_dbapi.Error
            raise sa.exc.DBAPIError.instance(known.text, None, error, base) from error
        finally:
            cursor.close()

    def _compile(self, dialect: sa.Dialect) -> _Compiled:
        compiled: Any = self._clauses[dialect.name].compile(dialect=dialect)
        names = tuple(compiled.positiontup if compiled.positional else compiled.binds)
        converters = [
            compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
            for name in names
        ]
        known = _Compiled(
            compiled.string,
            names,
            itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],),
            tuple((place, convert) for place, convert in enumerate(converters) if convert),
            bool(compiled.positional),
        )
        self._compiled[dialect.name] = known
        return known


def is_duplicate(error: BaseException) -> bool:
    """Whether a driver's error (wrapped by SQLAlchemy or not) says that a unique row is there."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    return getattr(cause, "sqlstate", None) == "23505" or (
        isinstance(cause, sqlite3.IntegrityError) and "UNIQUE constraint failed" in str(cause)
    )


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

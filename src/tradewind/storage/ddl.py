"""The DDL snapshot: one SQL file per dialect from which a fresh database is made.

`python -m tradewind.storage.ddl` writes it anew after a change of `tables`; a test compares them.
Until the first release `--initial` rewrites the first migration too; after it, write a further one.
"""

import importlib
import sys
from pathlib import Path

import sqlalchemy as sa

from tradewind.storage import migrate
from tradewind.storage.tables import WHERE, metadata

HEAD = "0001"
"""Revision of the schema as `tables` has it: the last one in `migrations/versions`."""
FOLDER = Path(__file__).parent / "ddl"
DIALECTS = ("postgresql", "sqlite")
_STAMP = [
    "CREATE TABLE alembic_version (\n"
    "\tversion_num VARCHAR(32) NOT NULL,\n"
    "\tCONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)\n)",
    f"INSERT INTO alembic_version (version_num) VALUES ('{HEAD}')",  # noqa: S608
]


def statements(dialect: str) -> list[str]:
    """The statements that make an empty database one of revision HEAD."""
    text = (FOLDER / f"{dialect}.sql").read_text(encoding="utf-8")
    return [part.strip() for part in text.split(";\n") if part.strip()]


def tables_of(dialect: str) -> sa.MetaData:
    """The tables, with the conditions of their partial indexes as the dialect wants them told."""
    for table in metadata.sorted_tables:
        for index in table.indexes:
            if WHERE in index.info:
                index.dialect_options[dialect]["where"] = index.info[WHERE]
    return metadata


def generate(dialect: str, *, stamped: bool = True) -> str:
    """What the snapshot of a dialect has to be; without the stamp for the first migration."""
    spoken = importlib.import_module(f"sqlalchemy.dialects.{dialect}").dialect()
    made: list[str] = []
    for table in tables_of(dialect).sorted_tables:
        made.append(str(sa.schema.CreateTable(table).compile(dialect=spoken)))
        made += [
            str(sa.schema.CreateIndex(index).compile(dialect=spoken))
            for index in sorted(table.indexes, key=lambda index: str(index.name))
        ]
    tidy = ["\n".join(line.rstrip() for line in part.strip().splitlines()) for part in made]
    return "".join(f"{part};\n\n" for part in [*tidy, *(_STAMP if stamped else ())])[:-1]


def main() -> None:
    """Write every snapshot."""
    for dialect in DIALECTS:
        (FOLDER / f"{dialect}.sql").write_text(generate(dialect), encoding="utf-8")
        if "--initial" in sys.argv:
            first = migrate.FOLDER / "versions" / "initial" / f"{dialect}.sql"
            first.write_text(generate(dialect, stamped=False), encoding="utf-8")


if __name__ == "__main__":
    main()

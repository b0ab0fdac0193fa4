"""A fresh, an upgraded, an older and a newer database, on both engines."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests import postgresql
from tradewind.model.errors import DatabaseNotMigrated
from tradewind.storage import ddl, migrate, schema
from tradewind.storage.database import Database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with nothing in it."""
    if request.param == "sqlite":
        path = tmp_path / "empty.db"
        path.touch()
        with closing(Database(f"sqlite:///{path}")) as database:
            yield database
        return
    server: postgresql.Server = request.getfixturevalue("postgresql_server")
    name = server.create()
    with closing(Database(server.url(name))) as database:
        yield database
    server.drop(name)


@pytest.fixture
def made(request: pytest.FixtureRequest, empty: Database) -> Iterator[Database]:
    """A database of the same engine, made from the snapshot."""
    with closing(Database(request.getfixturevalue(f"{empty.dialect}_url"))) as database:
        yield database


def _plain(index: Mapping[str, Any]) -> dict[str, Any]:
    """An index with its condition as text, which can be compared."""
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return {**index, "dialect_options": options}


def described(database: Database) -> dict[str, Any]:
    """Everything the engine itself knows of the tables."""
    with database.read() as conn:
        inspector = sa.inspect(conn)
        return {
            table: {
                "columns": [
                    {**column, "type": str(column["type"])}
                    for column in inspector.get_columns(table)
                ],
                "key": inspector.get_pk_constraint(table),
                "indexes": sorted(
                    (_plain(index) for index in inspector.get_indexes(table)),
                    key=lambda index: index["name"],
                ),
                "checks": sorted(
                    inspector.get_check_constraints(table), key=lambda check: check["name"]
                ),
                "unique": sorted(
                    inspector.get_unique_constraints(table), key=lambda unique: unique["name"]
                ),
            }
            for table in sorted(inspector.get_table_names())
            if table != "alembic_version"
        }


def test_an_empty_database_is_refused_then_made_then_left_alone(empty: Database) -> None:
    with pytest.raises(DatabaseNotMigrated, match="is empty: run `tradewind db migrate`"):
        schema.check(empty)
    assert schema.create_or_upgrade(empty, default_pool_slots=7) == "created"
    schema.check(empty)
    assert schema.create_or_upgrade(empty, default_pool_slots=9) == "unchanged"
    with empty.read() as conn:
        assert conn.execute(sa.text("SELECT slots FROM pool")).scalars().all() == [7]
        assert conn.execute(sa.text("SELECT epoch FROM leader")).scalars().all() == [0]


def test_migrations_from_nothing_and_the_snapshot_are_the_same(
    empty: Database, made: Database
) -> None:
    with empty.write() as conn:
        migrate.upgrade(conn, found=None, name=empty.name)
    schema.check(empty)
    assert described(empty) == described(made)


def test_tables_and_the_snapshot_are_the_same(empty: Database, made: Database) -> None:
    with empty.write() as conn:
        ddl.tables_of(empty.dialect).create_all(conn)
    assert described(empty) == described(made)


def test_the_snapshot_is_what_tables_generates(database: Database) -> None:
    written = (ddl.FOLDER / f"{database.dialect}.sql").read_text()
    assert written == ddl.generate(database.dialect), "run `python -m tradewind.storage.ddl`"


def test_the_stamp_is_the_last_migration() -> None:
    assert migrate.head() == ddl.HEAD


def test_a_newer_database_is_refused(database: Database) -> None:
    with database.write() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseNotMigrated, match="schema 9999, this Tradewind needs"):
        schema.check(database)
    with pytest.raises(DatabaseNotMigrated, match="a newer one made it"):
        schema.create_or_upgrade(database)


def test_another_programs_tables_are_left_alone(empty: Database) -> None:
    with empty.write() as conn:
        conn.execute(sa.text("CREATE TABLE dag_run (id INTEGER)"))
    with pytest.raises(DatabaseNotMigrated, match="tables of another program"):
        schema.create_or_upgrade(empty)


def test_use_before_migration_names_the_way_out(empty: Database) -> None:
    with pytest.raises(DatabaseNotMigrated, match="run `tradewind db migrate`"), empty.read() as c:
        c.execute(sa.text("SELECT * FROM dag"))

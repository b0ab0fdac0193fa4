"""Transactions and their discipline."""

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.patience import PATIENCE_S
from tradewind.model.errors import DatabaseNotMigrated, DatabaseUnavailable, InvalidSetting
from tradewind.storage import database as module
from tradewind.storage import pools, schema
from tradewind.storage.database import Database


def pragma(conn: sa.Connection, name: str) -> object:
    return conn.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_sqlite_is_durable_and_logs_ahead(sqlite_database: Database) -> None:
    with sqlite_database.write() as conn:
        assert pragma(conn, "journal_mode") == "wal"
        assert pragma(conn, "synchronous") == 2
        assert pragma(conn, "busy_timeout") == module.BUSY_TIMEOUT_S * 1000


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(Exception, match=r"read-?only"), database.read() as conn:
        pools.upsert(conn, "p", slots=1)


def test_a_failed_block_writes_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as conn:
        pools.upsert(conn, "p", slots=1)
        raise ZeroDivisionError
    with database.read() as conn:
        assert pools.get(conn, "p") is None


def test_a_writer_waits_for_another_and_does_not_fail(sqlite_url: str) -> None:
    """Also when it has read before it writes: its transaction began IMMEDIATE."""
    with closing(Database(sqlite_url)) as one, closing(Database(sqlite_url)) as two:
        begun = threading.Event()

        def add(database: Database, name: str) -> None:
            begun.set()
            with database.write() as conn:
                slots = sum(pool.slots for pool in pools.all_snapshots(conn))
                pools.upsert(conn, name, slots=slots)

        with one.write() as conn:
            thread = threading.Thread(target=add, args=(two, "second"))
            thread.start()
            assert begun.wait(PATIENCE_S)
            pools.upsert(conn, "first", slots=1)
        thread.join(PATIENCE_S)
        with one.read() as conn:
            assert pools.get(conn, "second") == pools.PoolSnapshot("second", 129)


def test_a_reader_sees_one_moment_and_never_waits(database: Database) -> None:
    with database.read() as reader:
        before = pools.all_snapshots(reader)
        with database.write() as writer:
            pools.upsert(writer, "p", slots=1)
            assert pools.all_snapshots(reader) == before
        assert pools.all_snapshots(reader) == before


def test_a_lock_held_too_long_is_trouble_with_the_database(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_S", 0.01)
    with (
        closing(Database(sqlite_url)) as one,
        closing(Database(sqlite_url)) as two,
        one.write(),
        pytest.raises(DatabaseUnavailable, match="database is locked"),
        two.write(),
    ):
        pass


def test_idle_time_empties_the_log(sqlite_database: Database) -> None:
    path = sqlite_database.path
    assert path is not None
    with sqlite_database.write() as conn:
        pools.upsert(conn, "p", slots=1)
    size = path.stat().st_mtime_ns
    sqlite_database.checkpoint()
    assert path.stat().st_mtime_ns > size


def test_a_missing_database_is_not_made_by_looking(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    database = Database(f"sqlite:///{path}")
    with pytest.raises(DatabaseNotMigrated, match="run `tradewind db migrate`"):
        schema.check(database)
    assert not path.exists()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no database " * 100)
    database = Database(f"sqlite:///{path}")
    with pytest.raises(DatabaseUnavailable, match="not a database"):
        schema.check(database)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    database = Database(f"sqlite:///{tmp_path}/file/x.db")
    with pytest.raises(DatabaseUnavailable, match="cannot be made"):
        schema.create_or_upgrade(database)


def test_a_server_that_is_away() -> None:
    database = Database("postgresql://me:secret@127.0.0.1:1/none")
    with pytest.raises(DatabaseUnavailable, match="refused") as caught, database.read():
        pass
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "message"),
    [("nonsense", "is not a URL"), ("mysql://x/y", "names 'mysql'")],
)
def test_a_url_of_no_use(url: str, message: str) -> None:
    with pytest.raises(InvalidSetting, match=message):
        Database(url)


def test_a_forked_child_opens_its_own_connections(database: Database) -> None:
    with database.read() as conn:
        pools.all_snapshots(conn)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        said = b"child failed"
        try:
            with database.write() as conn:
                pools.upsert(conn, "child", slots=3)
            database.close()
            said = b"child wrote"
        finally:
            os.write(writer, said)
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        assert pipe.read() == b"child wrote"
    os.waitpid(child, 0)
    with database.read() as conn:
        assert pools.get(conn, "child") == pools.PoolSnapshot("child", 3)


def test_in_memory_all_transactions_share_one_store_and_take_turns() -> None:
    with closing(Database.in_memory()) as database:
        schema.create_or_upgrade(database)

        def add(number: int) -> None:
            with database.write() as conn:
                pools.upsert(conn, f"p{number}", slots=number)

        threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with database.read() as conn:
            assert len(pools.all_snapshots(conn)) == 9


def test_integrity_errors_are_not_the_surroundings(sqlite_database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError) as caught, sqlite_database.write() as conn:
        conn.execute(sa.text("INSERT INTO pool VALUES ('default_pool', 1, NULL, 0)"))
    assert isinstance(caught.value.orig, sqlite3.IntegrityError)


def test_several_processes_may_make_the_same_database(tmp_path: Path) -> None:
    """As when all components start at once."""
    url = f"sqlite:///{tmp_path}/new/tradewind.db"
    made: list[str] = []

    def make() -> None:
        with closing(Database(url)) as database:
            made.append(schema.create_or_upgrade(database))

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == ["created"] + ["unchanged"] * 5

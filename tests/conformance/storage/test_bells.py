"""Bells, on both engines."""

import select
import socket
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.conformance.storage.builders import rows
from tradewind.model.errors import DatabaseUnavailable
from tradewind.storage import bells, tables
from tradewind.storage.bells import Bell
from tradewind.storage.database import Database


@pytest.fixture
def listener(database_url: str) -> Iterator[Database]:
    """Another process's view of the same database."""
    with closing(Database(database_url)) as opened:
        yield opened


def heard(bell: Bell, wait_s: float = 5.0) -> list[str]:
    select.select([bell.fileno()], [], [], wait_s)
    return bell.drain()


def test_a_ring_is_heard_with_its_payload(
    database: Database, listener: Database, tmp_path: Path
) -> None:
    with closing(bells.listen(listener, ["changes"], "api", tmp_path)) as bell:
        assert bell.drain() == []
        bells.ring(database, "changes", "42")
        assert heard(bell) == ["changes"]
        assert bell.payloads == {"changes": "42"}
        assert bell.drain() == []


def test_only_the_topics_listened_to_are_heard(
    database: Database, listener: Database, tmp_path: Path
) -> None:
    with closing(bells.listen(listener, ["scheduler", "answers"], "s", tmp_path)) as bell:
        bells.ring(database, "changes")
        bells.ring(database, "answers")
        assert heard(bell) == ["answers"]


def test_many_rings_are_heard_as_one_and_none_is_lost(
    database: Database, listener: Database, tmp_path: Path
) -> None:
    with closing(bells.listen(listener, ["answers", "scheduler"], "s", tmp_path)) as bell:
        for _ in range(3000):
            bells.ring(database, "answers")
        bells.ring(database, "scheduler")
        rung: set[str] = set()
        while rung != {"answers", "scheduler"}:
            found = heard(bell)
            assert found, f"only {rung} was heard"
            rung.update(found)


def test_everybody_who_listens_is_rung(
    database: Database, listener: Database, tmp_path: Path
) -> None:
    with (
        closing(bells.listen(listener, ["changes"], "one", tmp_path)) as one,
        closing(bells.listen(database, ["changes"], "two", tmp_path)) as two,
    ):
        bells.ring(database, "changes")
        assert heard(one) == heard(two) == ["changes"]


def test_nobody_listening_is_no_trouble(database: Database) -> None:
    bells.ring(database, "scheduler", "nobody")


def test_a_listener_that_died_is_forgotten(sqlite_database: Database, tmp_path: Path) -> None:
    with closing(bells.listen(sqlite_database, ["changes"], "alive", tmp_path)) as alive:
        for owner in ("killed", "removed"):
            dead = bells.listen(sqlite_database, ["changes"], owner, tmp_path)
            dead._socket.close()  # type: ignore[attr-defined]
            if owner == "removed":
                dead._path.unlink()  # type: ignore[attr-defined]
        assert len(rows(sqlite_database, tables.bell)) == 3
        bells.ring(sqlite_database, "changes")
        assert [row.owner for row in rows(sqlite_database, tables.bell)] == ["alive"]
        assert heard(alive) == ["changes"]


def test_a_run_folder_with_a_long_name_works(sqlite_database: Database, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90) / ("e" * 90)
    with closing(bells.listen(sqlite_database, ["changes"], "far", deep)) as bell:
        (found,) = deep.iterdir()
        assert stat.S_ISSOCK(found.stat().st_mode)
        bells.ring(sqlite_database, "changes")
        assert heard(bell) == ["changes"]
    assert list(deep.iterdir()) == []
    assert rows(sqlite_database, tables.bell) == []


def test_a_broken_connection_is_opened_anew(postgresql_url: str, tmp_path: Path) -> None:
    with (
        closing(Database(postgresql_url)) as database,
        closing(bells.listen(database, ["answers", "changes"], "x", tmp_path)) as bell,
        closing(database.direct_connection("killer")) as killer,
    ):
        killer.execute("SELECT pg_terminate_backend(%s)", (bell._connection.info.backend_pid,))  # type: ignore[attr-defined]
        assert next(filter(None, (heard(bell) for _ in range(3)))) == ["answers", "changes"]
        bells.ring(database, "answers")
        assert heard(bell) == ["answers"]


def test_a_database_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(DatabaseUnavailable, match=r"nobody@127\.0\.0\.1:1/none"):
        bells.listen(database, ["answers"], "x", tmp_path)


def test_sockets_of_listeners_that_died_are_removed(
    sqlite_database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    with closing(bells.listen(sqlite_database, ["changes"], "lives", folder)):
        (living,) = folder.iterdir()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as died:
            died.bind(str(folder / "bell-died"))
        (folder / "bell-notes").write_text("no socket")
        with closing(bells.listen(sqlite_database, ["changes"], "new", folder)) as bell:
            left = {path.name for path in folder.iterdir()}
            assert {living.name, "bell-notes"} < left
            assert "bell-died" not in left
            assert len(left) == 3
            assert bell.drain() == []

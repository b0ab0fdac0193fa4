"""When a commit fails: nothing is dispatched, what was said is kept, and all is caught up."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from tests import postgresql
from tests.scheduler.harness import START, Ship, chain
from tradewind.model.attempts import Outcome, Result
from tradewind.model.commands import TriggerRun
from tradewind.model.errors import DatabaseUnavailable, EnvironmentFailure
from tradewind.model.events import AttemptEnded
from tradewind.model.states import RunState, TaskState
from tradewind.storage import database as module
from tradewind.storage import schema
from tradewind.storage.database import Database

SUCCESS = TaskState.SUCCESS


@pytest.fixture
def sqlite_ship(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ship]:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_S", 0.05)
    with closing(Database(sqlite_url)) as database:
        made = Ship(database, tmp_path / "run")
        yield made
        made.close()


def begin(ship: Ship) -> None:
    """A chain whose first task runs."""
    ship.load(chain("a", "b"))
    ship.settle()
    ship.trigger("chain", "r")
    ship.settle()
    ship.executor.starts("a")
    ship.settle()


def fails(ship: Ship, says: str, *, times: int = 3) -> None:
    """The end of `a` comes and cannot be committed, however often it is tried."""
    ship.executor.ends("a")
    for _ in range(times):
        with pytest.raises(EnvironmentFailure, match=says):
            ship.scheduler.turn()
    assert [attempt.key.task_id for attempt in ship.executor.dispatched] == ["a"]
    assert ship.executor.acknowledged == []
    assert ship.executor.killed == []


def catches_up(ship: Ship) -> None:
    """Afterwards both tasks have run once."""
    ship.settle()
    ship.executor.runs("b")
    ship.settle()
    assert ship.run_state("r") is RunState.SUCCESS
    assert [attempt.key.task_id for attempt in ship.executor.dispatched] == ["a", "b"]
    assert [state for _, state in ship.executor.acknowledged] == [SUCCESS, SUCCESS]
    assert {task.try_number for task in ship.run("r").tasks} == {1}


def pragma(database: Database, text: str) -> Any:
    """On the connection that writes."""
    pooled = database._engine("write").raw_connection()
    try:
        return pooled.driver_connection.execute(f"PRAGMA {text}").fetchone()  # type: ignore[union-attr]
    finally:
        pooled.close()


def test_a_full_disk(sqlite_ship: Ship) -> None:
    ship = sqlite_ship
    begin(ship)
    with ship.database.write() as conn:  # no page is left that a row may go into
        conn.exec_driver_sql("CREATE TABLE filler (x)")
    (pages,) = pragma(ship.database, "page_count")
    pragma(ship.database, f"max_page_count = {pages}")
    with pytest.raises(DatabaseUnavailable), ship.database.write() as conn:
        for _ in range(100_000):
            conn.exec_driver_sql("INSERT INTO filler VALUES (zeroblob(2000))")
    ship.executor.ends("a", xcoms=(("k", "x" * 100_000),))
    for _ in range(3):
        with pytest.raises(DatabaseUnavailable, match="disk is full"):
            ship.scheduler.turn()
    assert len(ship.executor.dispatched) == 1
    assert ship.executor.acknowledged == []
    pragma(ship.database, "max_page_count = 1000000")
    catches_up(ship)


def test_a_lock_held_by_another_process(sqlite_ship: Ship) -> None:
    begin(sqlite_ship)
    with closing(sqlite3.connect(str(sqlite_ship.database.path))) as other:
        other.execute("BEGIN IMMEDIATE")
        fails(sqlite_ship, "database is locked")
    catches_up(sqlite_ship)


def test_a_database_that_can_only_be_read(sqlite_ship: Ship) -> None:
    begin(sqlite_ship)
    pragma(sqlite_ship.database, "query_only = ON")
    fails(sqlite_ship, "readonly database")
    pragma(sqlite_ship.database, "query_only = OFF")
    catches_up(sqlite_ship)


def test_a_file_that_is_moved_away_and_back(sqlite_ship: Ship) -> None:
    """SQLite itself would go on writing to the file wherever it is now."""
    begin(sqlite_ship)
    path = sqlite_ship.database.path
    assert path is not None
    path.rename(path.with_suffix(".away"))
    fails(sqlite_ship, r"was moved, removed or replaced|there is no database")
    path.with_suffix(".away").rename(path)
    catches_up(sqlite_ship)


def test_a_write_after_a_read_never_hits_a_stale_snapshot(sqlite_ship: Ship) -> None:
    """SQLITE_BUSY_SNAPSHOT, which no waiting helps against, cannot come: what writes begins so."""
    begin(sqlite_ship)
    with sqlite_ship.database.read() as reading:
        reading.exec_driver_sql("SELECT count(*) FROM dag_run").scalar()
        with closing(sqlite3.connect(str(sqlite_ship.database.path))) as other:
            other.execute("UPDATE dag SET description = 'new'")
            other.commit()
        sqlite_ship.executor.ends("a")
        sqlite_ship.scheduler.turn()
    catches_up(sqlite_ship)


@contextmanager
def answers_lost(database: Database, failure: Callable[[], Exception]) -> Iterator[None]:
    """Commits are done, and whoever asked for them never learns it."""
    dialect = database._engine("write").dialect
    commit = dialect.do_commit

    def commit_and_fail(connection: Any) -> None:
        commit(connection)
        raise failure()

    dialect.do_commit = commit_and_fail  # type: ignore[method-assign]
    try:
        yield
    finally:
        dialect.do_commit = commit  # type: ignore[method-assign]


def test_a_commit_that_succeeded_but_whose_answer_was_lost(ship: Ship) -> None:
    begin(ship)
    failure: Callable[[], Exception] = (
        (lambda: sqlite3.OperationalError("disk I/O error"))
        if ship.database.dialect == "sqlite"
        else (lambda: psycopg.OperationalError("server closed the connection unexpectedly"))
    )
    ship.executor.ends("a")
    asked = ship.put(trigger("other"))
    ship.ring()
    with answers_lost(ship.database, failure), pytest.raises(DatabaseUnavailable):
        ship.scheduler.turn()
    assert len(ship.executor.dispatched) == 1
    assert ship.executor.acknowledged == []

    def not_started(tokens: set[str]) -> list[Any]:
        """The order to start `b` was never given."""
        return [ended(token) for token in sorted(tokens)]

    ship.executor.on_reconcile = not_started
    ship.settle()
    ship.executor.on_reconcile = lambda tokens: []
    assert ship.outcome(asked).applied
    started = [(one.key.run_id, one.key.task_id) for one in ship.executor.dispatched]
    assert sorted(started) == [("other", "a"), ("r", "a"), ("r", "b")]
    assert {task.try_number for task in ship.run("r").tasks} == {1}


def trigger(run_id: str) -> TriggerRun:
    return TriggerRun(dag_id="chain", run_id=run_id, run_after=START)


def ended(token: str) -> AttemptEnded:
    return AttemptEnded(token, Outcome(result=Result.NOT_STARTED, end_date=START))


@pytest.fixture(scope="module")
def own_server() -> Iterator[postgresql.Server]:
    """A PostgreSQL that the test may stop."""
    with postgresql.running(durable=True) as server:
        yield server


@pytest.fixture
def postgresql_ship(own_server: postgresql.Server, tmp_path: Path) -> Iterator[Ship]:
    url = own_server.url(own_server.create())
    with closing(Database(url)) as database:
        schema.create_or_upgrade(database)
        made = Ship(database, tmp_path / "run")
        yield made
        made.close()


def test_postgresql_stopped_and_started_again(
    postgresql_ship: Ship, own_server: postgresql.Server
) -> None:
    begin(postgresql_ship)
    own_server.stop()
    fails(postgresql_ship, "connection|No such file|terminat|closed")
    own_server.start()
    catches_up(postgresql_ship)


def test_connections_cut_in_the_middle_of_a_commit(
    postgresql_ship: Ship, monkeypatch: pytest.MonkeyPatch
) -> None:
    ship = postgresql_ship
    begin(ship)
    with closing(ship.database.direct_connection("the killer")) as killer:

        def cut(conn: sa.Connection) -> None:
            (pid,) = conn.exec_driver_sql("SELECT pg_backend_pid()").one()
            killer.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))

        @sa.event.listens_for(ship.database._engine("write"), "commit")
        def _commit(conn: sa.Connection) -> None:
            cut(conn)

        engine = ship.database._engine("write")
        fails(ship, "terminating connection|closed|lost", times=2)
        sa.event.remove(engine, "commit", _commit)
    catches_up(ship)


def test_all_connections_cut_cost_one_failure(postgresql_ship: Ship) -> None:
    """With one connection gone the pool's others are not tried one after the other."""
    ship = postgresql_ship
    begin(ship)
    with closing(ship.database.direct_connection("the killer")) as killer:
        killer.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND application_name NOT LIKE 'tradewind%'"
        )
    fails(ship, "terminating connection|closed|lost", times=1)
    catches_up(ship)

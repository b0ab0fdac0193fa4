"""Leadership: the epoch fence and the lock, on both engines."""

import os
import threading
from contextlib import closing
from datetime import timedelta
from time import monotonic

import pytest
import sqlalchemy as sa

from tests.conformance.storage.builders import NOW, a_run, rows
from tests.patience import PATIENCE_S
from tradewind.model.changes import RunCreated
from tradewind.model.errors import DatabaseUnavailable, Refused, StaleWrite
from tradewind.storage import commit, leader, tables
from tradewind.storage.database import Database


def take_over(database: Database, holder: str, *, lease_s: float | None = None) -> int:
    with database.write() as conn:
        return leader.take_over(conn, holder, NOW, lease_s=lease_s)


def test_every_take_over_begins_a_new_epoch(database: Database) -> None:
    assert [take_over(database, holder) for holder in ("one", "two", "one")] == [1, 2, 3]


def test_who_has_been_superseded_cannot_write(database: Database) -> None:
    mine = take_over(database, "one")
    with database.write() as conn:
        leader.hold(conn, mine)
    take_over(database, "two")
    with (
        pytest.raises(StaleWrite, match="scheduler two leads since epoch 2"),
        database.write() as c,
    ):
        commit.lead(c, mine, [RunCreated(a_run(), "asked")], NOW)
    assert rows(database, tables.dag_run) == []


def test_nobody_takes_over_in_the_middle_of_a_leaders_transaction(database_url: str) -> None:
    """The fence is held to the end of the transaction, not just looked at."""
    with closing(Database(database_url)) as old, closing(Database(database_url)) as new:
        mine = take_over(old, "one")
        taken = threading.Event()

        def rival() -> None:
            take_over(new, "two")
            taken.set()

        with old.write() as conn:
            leader.hold(conn, mine)
            thread = threading.Thread(target=rival)
            thread.start()
            assert not taken.wait(0.2)
            commit.write(conn, [RunCreated(a_run(), "asked")], NOW)
        assert taken.wait(PATIENCE_S)
        thread.join()
        put = rows(new, tables.dag_run)
        assert [row.run_id for row in put] == ["r1"]


def test_a_lease_keeps_others_out_until_it_is_over(database: Database) -> None:
    epoch = take_over(database, "one", lease_s=60)
    with pytest.raises(Refused, match="scheduler one leads until"):
        take_over(database, "two")
    with database.write() as conn:
        leader.renew(conn, epoch, NOW, lease_s=-1)
    assert take_over(database, "two") == epoch + 1
    with pytest.raises(StaleWrite), database.write() as conn:
        leader.renew(conn, epoch, NOW + timedelta(seconds=1), lease_s=60)


def test_a_second_scheduler_is_told_who_has_the_lock(sqlite_url: str) -> None:
    with closing(Database(sqlite_url)) as one, closing(Database(sqlite_url)) as two:
        lock = leader.lock_beside(one)
        with pytest.raises(Refused, match=f"already, pid {os.getpid()}"):
            leader.lock_beside(two)
        lock.close()
        lock.close()
        leader.lock_beside(two).close()


def test_who_stops_on_purpose_lets_another_take_over_at_once(database: Database) -> None:
    epoch = take_over(database, "one", lease_s=60)
    with database.write() as conn:
        leader.release(conn, epoch)
    assert take_over(database, "two", lease_s=60) == epoch + 1
    with database.write() as conn:
        leader.release(conn, epoch)
    with pytest.raises(Refused, match="scheduler two"):
        take_over(database, "three")


def test_a_leader_without_a_session_is_seen_to_be_gone(postgresql_url: str) -> None:
    with closing(Database(postgresql_url)) as database:
        one = database.direct_connection("tradewind scheduler one")
        two = database.direct_connection("tradewind scheduler two")
        epoch = take_over(database, "scheduler one", lease_s=60)

        def gone() -> str | None:
            with database.read() as conn:
                return leader.vanished(conn, "scheduler two")

        assert gone() is None
        one.close()
        until = monotonic() + PATIENCE_S
        while gone() is None:
            assert monotonic() < until
        assert gone() == "scheduler one"
        with database.write() as conn:
            assert leader.take_over(conn, "scheduler two", NOW, instead_of=gone()) == epoch + 1
        assert gone() is None
        two.close()
        take_over(database, "scheduler one")
        with database.read() as conn:  # behind a pooler nobody sees anybody: only the lease counts
            assert leader.vanished(conn, "scheduler two") is None


def test_a_database_in_memory_needs_no_lock() -> None:
    with closing(Database.in_memory()) as database:
        leader.lock_beside(database).close()


def test_the_leaders_connection_may_break(postgresql_url: str) -> None:
    """A transaction whose session was ended is reported as trouble with the database."""
    with closing(Database(postgresql_url)) as database:
        with pytest.raises(DatabaseUnavailable), database.write() as conn:
            conn.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
        assert take_over(database, "one") == 1


def test_a_connection_that_broke_while_it_rested_is_replaced(postgresql_url: str) -> None:
    with closing(Database(postgresql_url)) as database:
        epoch = take_over(database, "one")
        with database.write() as conn:
            pid = conn.execute(sa.text("SELECT pg_backend_pid()")).scalar()
        with closing(database.direct_connection("killer")) as killer:
            killer.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        with pytest.raises(DatabaseUnavailable), database.write() as conn:
            leader.hold(conn, epoch)
        with database.write() as conn:
            leader.hold(conn, epoch)
            commit.write(conn, [RunCreated(a_run(), "asked")], NOW)

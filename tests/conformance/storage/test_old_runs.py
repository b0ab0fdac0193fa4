"""Folding and removing what is kept of old runs, on both engines."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.conformance.storage.builders import (
    NOW,
    a_run,
    put,
    put_run,
    queued,
    rows,
    the_run,
)
from tests.conformance.storage.pictures import differences
from tradewind.model.changes import (
    BackfillWritten,
    FieldsWritten,
    InquiryWritten,
    RunChanged,
    ScheduleMoved,
    TaskChanged,
    TryArchived,
    XComWritten,
)
from tradewind.model.human_input import Form, Inquiry
from tradewind.model.keys import RunKey
from tradewind.model.snapshots import BackfillSnapshot, RunSnapshot
from tradewind.model.states import RunState, RunType, TaskState
from tradewind.storage import events, folding, history, old_runs, retention, tables
from tradewind.storage.database import Database
from tradewind.storage.retention import Retention

DAY = timedelta(days=1)
ALL_PARTS = (*retention.DETAILS, "task_instance", "dag_run")


def put_ended(
    database: Database, run_id: str, ended: datetime = NOW, task_ids: str = "ab", **facts: object
) -> RunSnapshot:
    """A run in which `a` succeeded at its second try."""
    run = put_run(database, a_run(run_id, task_ids, run_after=ended, **facts))
    first = queued(run.tasks[0])
    again = replace(first, state=TaskState.UP_FOR_RETRY, token=None, due_at=NOW)
    second = replace(queued(again), due_at=None)
    done = replace(second, state=TaskState.SUCCESS, token=None)
    put(
        database,
        TaskChanged(TaskState.NONE, 0, first, "every gate passed"),
        FieldsWritten(first.key, {"sql": "SELECT 1"}),
        TaskChanged(TaskState.QUEUED, 1, again, "it raised"),
    )
    put(
        database,
        TryArchived(first.key, 1),
        TaskChanged(TaskState.UP_FOR_RETRY, 1, second, "its retry delay has passed"),
        FieldsWritten(first.key, {"sql": "SELECT 2"}),
        InquiryWritten(
            Inquiry(
                key=first.key,
                try_number=2,
                token="1-2",
                form=Form(subject="?", options=("x",)),
                created_at=NOW,
            )
        ),
        XComWritten(first.key, "k", 1),
        TaskChanged(TaskState.QUEUED, 2, done, "it returned"),
        RunChanged(
            RunState.RUNNING,
            replace(run, state=RunState.SUCCESS, end_date=ended, note="fine", tasks=()),
            "every leaf succeeded",
        ),
    )
    return the_run(database, run_id)


def clear(database: Database, run: RunSnapshot) -> None:
    task = run.tasks[0]
    again = replace(run, state=RunState.QUEUED, end_date=None, clear_number=1, tasks=())
    put(
        database,
        TryArchived(task.key, task.try_number),
        TaskChanged(task.state, task.try_number, replace(task, state=TaskState.NONE), "cleared"),
        RunChanged(run.state, again, "cleared"),
    )


def fold(database: Database, key: RunKey) -> None:
    with database.write() as conn:
        assert folding.fold(conn, key)


def remove(database: Database, asked: Retention) -> Counter[str]:
    return sum(retention.remove(database, asked), Counter())


def run_ids(database: Database) -> set[str]:
    return {row.run_id for row in rows(database, tables.dag_run)}


def test_folded_history_reads_as_before(database: Database) -> None:
    run = put_ended(database, "r1")
    other = put_ended(database, "r2", task_ids="a")
    with database.read() as conn:
        before = history.of_run(conn, run.key)
    fold(database, run.key)
    fold(database, run.key)
    with database.read() as conn:
        assert history.of_run(conn, run.key) == before
        assert differences(conn) == []
        left = [row.run for row in rows(database, tables.event_log) if row.run]
    assert len(left) == len(before) - 1, "those of the other run"
    assert other.state is RunState.SUCCESS


def test_a_cleared_run_goes_on_after_its_folded_past(database: Database) -> None:
    run = put_ended(database, "r1")
    fold(database, run.key)
    clear(database, run)
    with database.read() as conn:
        whole = history.of_run(conn, run.key)
        assert differences(conn) == []
    fold(database, run.key)
    with database.read() as conn:
        assert history.of_run(conn, run.key) == whole
        assert differences(conn) == []


def test_a_long_run_is_folded_in_steps(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    run = put_ended(database, "r1")
    with database.read() as conn:
        before = history.of_run(conn, run.key)
    monkeypatch.setattr(folding, "_AT_ONCE", 2)
    steps = 0
    while True:
        steps += 1
        with database.write() as conn:
            if folding.fold(conn, run.key, is_late=lambda: True):
                break
    assert steps > 2
    with database.read() as conn:
        assert history.of_run(conn, run.key) == before


def test_unknown_runs_have_nothing_to_fold(database: Database) -> None:
    fold(database, RunKey("sales", "unknown"))


def test_old_runs_are_met_once_each_in_order(database: Database) -> None:
    for number in range(7):
        put_ended(database, f"r{number}", NOW - (number // 2) * DAY, task_ids="a")
    put_run(database, a_run("unfinished", "a"))
    met: list[str] = []
    place = None
    with database.read() as conn:
        while found := old_runs.ended(conn, NOW, after=place, limit=2):
            met += [one.run_id for one in found]
            place = found[-1]
    assert met == ["r6", "r4", "r5", "r2", "r3"]


def test_a_run_is_removed_with_all_that_is_kept_of_it(database: Database) -> None:
    put_ended(database, "old", NOW - 9 * DAY)
    put_ended(database, "new")
    kept = {table: rows(database, tables.metadata.tables[table]) for table in ALL_PARTS}
    with database.read() as conn:
        counted = Retention(NOW - DAY).count(conn)
    removed = remove(database, Retention(NOW - DAY))
    assert removed == counted
    assert set(removed) == set(ALL_PARTS)
    for table in ALL_PARTS:
        left = rows(database, tables.metadata.tables[table])
        assert len(left) == len(kept[table]) // 2, table
    assert run_ids(database) == {"new"}
    put_ended(database, "old", NOW - 9 * DAY)  # its name is free again
    with database.read() as conn:
        assert differences(conn) == []


def test_details_go_and_the_run_stays(database: Database) -> None:
    old = put_ended(database, "old", NOW - 9 * DAY)
    put_ended(database, "new")
    remove(database, Retention(NOW - DAY, retention.DETAILS))
    assert the_run(database, "old") == old
    assert {row.run_id for row in rows(database, tables.xcom)} == {"new"}
    assert {row.run_id for row in rows(database, tables.rendered_fields)} == {"new"}
    assert {row.run_id for row in rows(database, tables.task_instance_history)} == {"new"}
    with database.read() as conn:
        (event,) = history.of_run(conn, old.key)
        assert "were removed" in event.reason
        replayed = history.picture(conn, old.key)
    assert replayed is not None
    assert replayed.tasks["a", -1].state is TaskState.SUCCESS
    assert replayed.tasks["a", -1].try_number == 2
    assert replayed.note == "fine"
    clear(database, old)
    with database.read() as conn:
        assert differences(conn) == []


def test_removing_a_folded_log_again_and_again(database: Database) -> None:
    old = put_ended(database, "old", NOW - 9 * DAY)
    put_ended(database, "new")
    fold(database, old.key)
    for _ in range(2):
        remove(database, Retention(NOW - DAY, ["event_log"]))
        with database.read() as conn:
            assert len(history.of_run(conn, old.key)) == 1


def test_what_scheduling_may_ask_for_stays(database: Database) -> None:
    old = NOW - 90 * DAY
    put_ended(database, "scheduled-1", old, "a", run_type=RunType.SCHEDULED)
    put_ended(database, "scheduled-2", old + DAY, "a", run_type=RunType.SCHEDULED)
    put_ended(database, "manual-1", old + 2 * DAY, "a")
    put_ended(database, "manual-2", old + 3 * DAY, "a")
    put_run(database, a_run("unfinished", "a", run_after=old))
    facts = {"dag_id": "sales", "from_date": NOW, "to_date": NOW, "created_at": NOW}
    for number, completed_at in ((1, None), (2, NOW)):
        put(
            database,
            BackfillWritten(
                BackfillSnapshot(backfill_id=number, completed_at=completed_at, **facts), "asked"
            ),
        )
        put_ended(database, f"backfill-{number}", old, "a", backfill_id=number)
    remove(database, Retention(NOW))
    assert run_ids(database) == {"scheduled-2", "manual-2", "unfinished", "backfill-1"}


def test_dags_are_chosen(database: Database) -> None:
    for run_id in ("r1", "r2"):
        put_ended(database, run_id, NOW - (3 if run_id == "r1" else 2) * DAY, "a")
    assert not remove(database, Retention(NOW, dag_ids=["other"]))
    assert not remove(database, Retention(NOW, except_dag_ids=["sales"]))
    assert remove(database, Retention(NOW, dag_ids=["sales"], except_dag_ids=["other"]))
    assert run_ids(database) == {"r2"}


def test_a_run_cleared_meanwhile_is_left_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was found as old; before it could be deleted a user had it run again."""
    old = put_ended(database, "old", NOW - 9 * DAY)
    put_ended(database, "new")
    asked = Retention(NOW)
    with database.read() as conn:
        found = asked._next(conn, 10)
    clear(database, old)
    monkeypatch.setattr(asked, "_next", lambda conn, limit: found if not asked.place else [])
    assert not remove(database, asked)
    assert run_ids(database) == {"old", "new"}


def test_slices_are_short_and_what_is_left_between_them_is_a_finished_run(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "SLICE_S", 0.0)
    put_ended(database, "old", NOW - 9 * DAY)
    put_ended(database, "new")
    slices = 0
    for removed in retention.remove(database, Retention(NOW, rows_at_once=1)):
        slices += 1
        assert sum(removed.values()) <= 1
        assert "old" in run_ids(database) or removed["dag_run"] or not removed
        with database.read() as conn:
            assert history.of_run(conn, RunKey("sales", "new"))
    assert slices > 8
    assert run_ids(database) == {"new"}


def test_events_of_dags_are_forgotten_in_steps(database: Database) -> None:
    run = put_ended(database, "r1")
    put(database, ScheduleMoved("other", None, None))
    with database.write() as conn:
        assert retention.forget_events_of_dags(conn, NOW, after=0) is None
        done = retention.forget_events_of_dags(conn, NOW + DAY, after=0)
        assert done is not None
        assert retention.forget_events_of_dags(conn, NOW + DAY, after=done) is None
        assert history.of_dag(conn, "other", events.SCHEDULE) == []
        assert len(history.of_run(conn, run.key)) > 1

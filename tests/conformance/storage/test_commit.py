"""The group commit, on both engines."""

import math
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.conformance.storage.builders import (
    LATER,
    NOW,
    a_file,
    a_plan,
    a_run,
    a_task,
    put,
    put_run,
    queued,
    record,
    rows,
    the_run,
    the_task,
)
from tradewind.model.changes import (
    BackfillWritten,
    CommandAnswered,
    DagPaused,
    FieldsWritten,
    RunChanged,
    RunCreated,
    ScheduleMoved,
    TaskChanged,
    TryArchived,
    WakeAt,
    XComsCleared,
    XComsShared,
    XComWritten,
)
from tradewind.model.commands import PatchBackfill
from tradewind.model.errors import StaleWrite
from tradewind.model.intervals import DataInterval, RunInfo
from tradewind.model.keys import RunKey
from tradewind.model.snapshots import BackfillSnapshot
from tradewind.model.states import RunState, TaskState
from tradewind.storage import backfills, commit, dags, events, inbox, tables, xcoms
from tradewind.storage.database import Database

NONE, QUEUED, RUNNING = TaskState.NONE, TaskState.QUEUED, TaskState.RUNNING


def test_a_run_is_made_with_all_its_task_instances(database: Database) -> None:
    made = put_run(
        database,
        a_run(
            conf={"z": 1, "a": [True, None, "ü"]},
            logical_date=NOW,
            data_interval_start=NOW,
            data_interval_end=LATER,
            note="by hand",
        ),
    )
    assert the_run(database) == made


def test_ten_thousand_task_instances_are_one_commit(database: Database) -> None:
    tasks = tuple(a_task(f"t{number:05}") for number in range(10_000))
    put_run(database, a_run(tasks=tasks))
    assert sorted(the_run(database).tasks, key=lambda task: task.key) == list(tasks)


def test_a_run_that_is_there_already_is_a_stale_write(database: Database) -> None:
    put_run(database)
    with pytest.raises(StaleWrite, match="there already"):
        put_run(database)


def test_a_second_run_of_a_logical_date_is_a_stale_write(database: Database) -> None:
    put_run(database, a_run("r1", logical_date=NOW))
    with pytest.raises(StaleWrite):
        put_run(database, a_run("r2", logical_date=NOW))


def test_a_task_is_claimed_started_and_finished(database: Database) -> None:
    put_run(database)
    claimed = queued(a_task())
    put(database, TaskChanged(NONE, 0, claimed, "every gate passed"))
    started = replace(claimed, state=RUNNING, start_date=NOW, pid=41, hostname="here")
    put(database, TaskChanged(QUEUED, 1, started, "its process started"))
    ended = replace(
        started,
        state=TaskState.SUCCESS,
        end_date=LATER,
        token=None,
        cpu_s=0.25,
        max_rss_kib=12345,
        exit_reason=None,
        code_hash="abc",
    )
    put(database, TaskChanged(RUNNING, 1, ended, "execute returned"))
    assert the_task(database) == ended
    logged = [
        (row.task_id, row.state, row.try_number, row.reason)
        for row in rows(database, tables.event_log)
        if row.kind == events.TASK
    ]
    assert logged == [
        ("a", "queued", 1, "every gate passed"),
        ("a", "running", 1, "its process started"),
        ("a", "success", 1, "execute returned"),
    ]


def test_several_changes_of_a_task_in_one_turn_are_one_row_and_several_events(
    database: Database,
) -> None:
    put_run(database)
    claimed = queued(a_task())
    running = replace(claimed, state=RUNNING, start_date=NOW)
    put(
        database,
        TaskChanged(NONE, 0, claimed, "first"),
        TaskChanged(QUEUED, 1, running, "second"),
    )
    assert the_task(database) == running
    reasons = [row.reason for row in rows(database, tables.event_log)]
    assert reasons == ["asked for", "first", "second"]


def test_a_task_made_and_claimed_in_one_turn(database: Database) -> None:
    run = a_run(state=RunState.QUEUED)
    claimed = queued(run.tasks[0])
    running = replace(run, state=RunState.RUNNING, start_date=NOW)
    put(
        database,
        RunCreated(run, "due"),
        RunChanged(RunState.QUEUED, running, "a slot is free"),
        TaskChanged(NONE, 0, claimed, "ready"),
    )
    assert the_run(database) == replace(running, tasks=(claimed, run.tasks[1]))


@pytest.mark.parametrize(("before", "before_try"), [(QUEUED, 1), (NONE, 1), (QUEUED, 0)])
def test_a_task_not_as_expected_stops_the_whole_turn(
    database: Database, before: TaskState, before_try: int
) -> None:
    put_run(database)
    good = TaskChanged(NONE, 0, queued(a_task("b")), "fine")
    wrong = TaskChanged(before, before_try, replace(a_task(), state=RUNNING), "wrong")
    with pytest.raises(StaleWrite, match=r"1 of 2 .*sales/r1/a"):
        put(database, good, wrong, XComWritten(a_task().key, "k", 1))
    assert the_task(database, "b") == a_task("b")
    assert rows(database, tables.xcom) == []
    assert len(rows(database, tables.event_log)) == 1


def test_a_run_not_as_expected_is_a_stale_write(database: Database) -> None:
    run = put_run(database)
    put(database, RunChanged(RunState.RUNNING, replace(run, state=RunState.FAILED), "failed"))
    with pytest.raises(StaleWrite, match="sales/r1 running"):
        put(database, RunChanged(RunState.RUNNING, run, "again"))


def test_an_earlier_try_is_kept_as_it_stood(database: Database) -> None:
    put_run(database)
    key = a_task().key
    failed = a_task(state=TaskState.UP_FOR_RETRY, try_number=1, exit_reason="boom", end_date=NOW)
    put(database, TaskChanged(NONE, 0, failed, "it raised"))
    put(database, FieldsWritten(key, {"sql": "SELECT 1"}), XComWritten(key, "k", 1))
    again = queued(failed)
    put(
        database,
        TryArchived(key, 1),
        XComsCleared(key),
        TaskChanged(TaskState.UP_FOR_RETRY, 1, again, "its delay has passed"),
    )
    (kept,) = rows(database, tables.task_instance_history)
    assert (kept.try_number, kept.state, kept.exit_reason) == (1, "up_for_retry", "boom")
    assert the_task(database) == again
    assert rows(database, tables.rendered_fields) == []
    assert rows(database, tables.xcom) == []


def test_a_try_that_ends_and_is_followed_in_one_turn_is_kept_as_it_ended(
    database: Database,
) -> None:
    put_run(database)
    running = a_task(state=RUNNING, try_number=1)
    put(database, TaskChanged(NONE, 0, running, "started"))
    failed = replace(running, state=TaskState.UP_FOR_RETRY, exit_reason="boom")
    put(
        database,
        TaskChanged(RUNNING, 1, failed, "it raised"),
        TryArchived(running.key, 1),
        TaskChanged(TaskState.UP_FOR_RETRY, 1, queued(failed), "no delay"),
    )
    (kept,) = rows(database, tables.task_instance_history)
    assert (kept.state, kept.exit_reason) == ("up_for_retry", "boom")
    assert the_task(database).try_number == 2


def test_an_archived_try_is_never_rewritten(database: Database) -> None:
    put_run(database)
    done = a_task(state=TaskState.SUCCESS, try_number=1)
    put(database, TaskChanged(NONE, 0, done, "done"))
    put(
        database,
        TryArchived(done.key, 1),
        TaskChanged(TaskState.SUCCESS, 1, replace(done, state=NONE), "cleared"),
    )
    put(database, TryArchived(done.key, 1))
    (kept,) = rows(database, tables.task_instance_history)
    assert kept.state == "success"


def test_what_a_new_try_says_stays_although_the_old_ones_is_forgotten(database: Database) -> None:
    put_run(database)
    key = a_task().key
    put(
        database,
        XComWritten(key, "old", 1),
        FieldsWritten(key, {"old": 1}),
        TryArchived(key, 0),
        XComsCleared(key),
        XComWritten(key, "new", 2),
        FieldsWritten(key, {"new": 2}),
    )
    assert [(row.key, row.value) for row in rows(database, tables.xcom)] == [("new", 2)]
    assert [row.fields for row in rows(database, tables.rendered_fields)] == [{"new": 2}]


@pytest.mark.parametrize(
    "value",
    [
        None,
        "nul \0 and lone \ud800",
        {"z": 1, "a": {"y": [], "b": {}}},
        [1, 1.0, 10**30, -0.0, 5e-324, math.inf],
        "ünïcödé \U0001f40d",
    ],
)
def test_xcoms_come_back_exactly(database: Database, value: object) -> None:
    put_run(database)
    put(database, XComWritten(a_task().key, "k", "first"), XComWritten(a_task().key, "k", value))
    with database.read() as conn:
        found = xcoms.get(conn, a_task().key, "k")
    assert found == (value,)
    assert repr(found) == repr((value,))


def test_nan_is_a_value_too(database: Database) -> None:
    put_run(database)
    put(database, XComWritten(a_task().key, "k", math.nan))
    with database.read() as conn:
        found = xcoms.get(conn, a_task().key, "k")
    assert found is not None and math.isnan(found[0])


def test_text_from_user_code_never_breaks_a_commit(database: Database) -> None:
    put_run(database)
    put(
        database,
        TaskChanged(NONE, 0, a_task(state=RUNNING, exit_reason="a\0b\udcff"), "why\0"),
        XComWritten(a_task().key, "k\0", 1),
    )
    assert the_task(database).exit_reason == "a\\x00b\\udcff"


def test_a_schedule_remembers_how_far_it_came(database: Database) -> None:
    with database.write() as conn:
        record(conn, a_file(a_plan()))
    first = RunInfo(NOW, DataInterval(NOW, LATER))
    put(database, ScheduleMoved("sales", first, RunInfo(LATER)))
    put(database, ScheduleMoved("sales", None, None))
    with database.read() as conn:
        (found,) = dags.snapshots(conn)
    assert found.last_run_after == NOW
    assert found.last_automated == DataInterval(NOW, LATER)
    (row,) = rows(database, tables.dag_schedule)
    assert row.next_run_after is None
    put(database, ScheduleMoved("sales", RunInfo(LATER), None))
    with database.read() as conn:
        (found,) = dags.snapshots(conn)
    assert found.last_automated == DataInterval(LATER, LATER)


def test_a_backfill_is_written_whole(database: Database) -> None:
    asked = BackfillSnapshot(
        backfill_id=1, dag_id="sales", from_date=NOW, to_date=LATER, created_at=NOW, conf={"a": 1}
    )
    put(database, BackfillWritten(asked, "asked for"))
    moved = replace(asked, next_ordinal=3, cursor=NOW)
    put(database, BackfillWritten(moved, "moved"))
    with database.read() as conn:
        assert backfills.unfinished(conn) == (moved,)
        assert backfills.next_id(conn) == 2
    put(database, BackfillWritten(replace(moved, completed_at=LATER), "done"))
    with database.read() as conn:
        assert backfills.unfinished(conn) == ()


def test_the_scheduler_pauses_a_dag(database: Database) -> None:
    with database.write() as conn:
        record(conn, a_file(a_plan()), paused=False)
    put(database, DagPaused("sales", "3 failed runs in a row"))
    with database.read() as conn:
        assert dags.heads(conn)["sales"].is_paused


def test_a_command_its_effect_and_its_answer_are_one_commit(database: Database) -> None:
    with database.write() as conn:
        command_id = inbox.put(conn, PatchBackfill(backfill_id=1), NOW)
    put(database, RunCreated(a_run(), "asked"), CommandAnswered(command_id, True, {"run_id": "r1"}))
    with database.read() as conn:
        assert inbox.waiting(conn) == []
        answered = inbox.outcome(conn, command_id)
    assert answered is not None
    assert (answered.applied, answered.result) == (True, {"run_id": "r1"})


def test_a_withdrawn_command_leaves_no_trace(database: Database) -> None:
    with database.write() as conn:
        kept = inbox.put(conn, PatchBackfill(backfill_id=1), NOW)
        taken_back = inbox.put(conn, PatchBackfill(backfill_id=2), NOW)
    with database.write() as conn:
        assert inbox.withdraw(conn, taken_back)
    with pytest.raises(inbox.Withdrawn) as caught:
        put(
            database,
            RunCreated(a_run(), "asked"),
            CommandAnswered(kept, True),
            CommandAnswered(taken_back, True),
        )
    assert caught.value.command_id == taken_back
    assert rows(database, tables.dag_run) == []
    with database.read() as conn:
        assert [command_id for command_id, _ in inbox.waiting(conn)] == [kept]
        assert inbox.outcome(conn, kept) is None


def test_a_bug_of_ours_is_an_error_of_sqlalchemys(database: Database) -> None:
    """Whoever calls needs to know neither driver."""
    wrong = a_run(end_date=NOW)
    with pytest.raises(sa.exc.IntegrityError, match="end_date_when_finished"):
        put_run(database, wrong)


def test_orders_and_an_empty_turn_write_nothing(database: Database) -> None:
    with database.write() as conn:
        commit.write(conn, [], NOW)
        commit.write(conn, [WakeAt(LATER)], NOW)
    assert rows(database, tables.event_log) == []


def test_a_run_key_is_what_the_log_names(database: Database) -> None:
    put_run(database)
    (row,) = rows(database, tables.event_log)
    assert RunKey(row.dag_id, row.run_id) == a_run().key
    assert (row.kind, row.state, row.reason) == (events.MADE, "running", "asked for")


def test_values_are_shared_as_they_are_at_that_moment(database: Database) -> None:
    put_run(database, a_run(tasks=(a_task("t"), a_task("u"))))
    old = a_run().key
    new = RunKey(old.dag_id, "fork")
    put_run(database, a_run("fork", ""))
    t, u = a_task("t").key, a_task("u").key
    put(database, XComWritten(t, "kept", 1), XComWritten(t, "replaced", 1), XComWritten(u, "k", 1))
    put(
        database,
        XComWritten(t, "replaced", 2),
        XComsShared(old, new, ("t",)),
        XComsCleared(t),
        XComWritten(u, "later", 3),
    )
    found = {(row.run_id, row.task_id, row.key): row.value for row in rows(database, tables.xcom)}
    assert found == {
        ("fork", "t", "kept"): 1,
        ("fork", "t", "replaced"): 2,
        (old.run_id, "u", "k"): 1,
        (old.run_id, "u", "later"): 3,
    }


def test_values_that_the_same_turn_forgot_before_are_not_shared(database: Database) -> None:
    put_run(database, a_run(tasks=(a_task("t"),)))
    old, key = a_run().key, a_task("t").key
    new = RunKey(old.dag_id, "fork")
    put_run(database, a_run("fork", ""))
    put(database, XComWritten(key, "old", 1))
    put(database, XComsCleared(key), XComWritten(key, "new", 2), XComsShared(old, new, ("t",)))
    found = {(row.run_id, row.key): row.value for row in rows(database, tables.xcom)}
    assert found == {("fork", "new"): 2, (old.run_id, "new"): 2}

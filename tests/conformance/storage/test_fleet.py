"""What a scheduler loads, on both engines."""

from datetime import timedelta

import pytest

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
)
from tradewind.model.changes import BackfillWritten, RunCreated, TaskChanged
from tradewind.model.snapshots import BackfillSnapshot, PoolSnapshot, RunQuery
from tradewind.model.states import RunState, TaskState
from tradewind.storage import fleet, pools
from tradewind.storage.database import Database


def test_an_empty_store_has_the_default_pool(database: Database) -> None:
    with database.read() as conn:
        found = fleet.load(conn, 7)
    assert found.epoch == 7
    assert found.pools == (PoolSnapshot("default_pool", 128),)
    assert (found.dags, found.runs, found.plans, found.next_backfill_id) == ((), (), (), 1)


def test_unfinished_runs_come_with_tasks_and_the_plans_they_are_pinned_to(
    database: Database,
) -> None:
    with database.write() as conn:
        record(conn, a_file(a_plan()))
        record(conn, a_file(a_plan(task_ids="abc")))
        pools.upsert(conn, "small", slots=2, include_deferred=True)
    old = put_run(database, a_run("old", version=1))
    new = put_run(database, a_run("new", version=2, state=RunState.QUEUED, run_after=LATER))
    put_run(database, a_run("done", state=RunState.SUCCESS, end_date=NOW))
    claimed = queued(old.tasks[0])
    asked = BackfillSnapshot(
        backfill_id=4, dag_id="sales", from_date=NOW, to_date=NOW, created_at=NOW
    )
    put(database, TaskChanged(TaskState.NONE, 0, claimed, "ready"), BackfillWritten(asked, "asked"))
    with database.read() as conn:
        found = fleet.load(conn, 1)
    assert [run.key.run_id for run in found.runs] == ["old", "new"]
    assert found.runs[0].tasks == (claimed, old.tasks[1])
    assert found.runs[1] == new
    assert found.plans == (("sales", 1, a_plan()),)
    assert [(dag.plan, dag.version) for dag in found.dags] == [(a_plan(task_ids="abc"), 2)]
    assert found.pools == (PoolSnapshot("default_pool", 128), PoolSnapshot("small", 2, True))
    assert (found.backfills, found.next_backfill_id) == ((asked,), 5)


DAYS = [NOW + timedelta(days=number) for number in range(4)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (RunQuery(dag_id="sales", run_ids=("r1", "r9")), ["r1"]),
        (RunQuery(dag_id="sales", logical_dates=(DAYS[2], LATER)), ["r2"]),
        (RunQuery(dag_id="sales", run_ids=("r0",), logical_dates=(DAYS[3],)), ["r0", "r3"]),
        (
            RunQuery(dag_id="sales", logical_date_gte=DAYS[1], logical_date_lte=DAYS[2]),
            ["r1", "r2"],
        ),
        (RunQuery(dag_id="sales", logical_date_gte=DAYS[2]), ["r2", "r3"]),
        (RunQuery(dag_id="sales", logical_date_lte=DAYS[0]), ["r0"]),
        (RunQuery(dag_id="sales"), ["r0", "r1", "r2", "r3"]),
        (RunQuery(dag_id="other"), []),
    ],
)
def test_runs_are_found_by_id_date_or_range(
    database: Database, query: RunQuery, expected: list[str]
) -> None:
    with database.write() as conn:
        record(conn, a_file(a_plan()))
    for number, day in enumerate(DAYS):
        put_run(
            database,
            a_run(f"r{number}", logical_date=day, run_after=day, state=RunState.FAILED),
        )
    with database.read() as conn:
        found, plans = fleet.find_runs(conn, query)
    assert [run.key.run_id for run in found] == expected
    assert all(
        run.tasks == (a_task("a", r), a_task("b", r))
        for r, run in zip(expected, found, strict=True)
    )
    assert plans == ([("sales", 1, a_plan())] if expected else [])


def test_very_many_runs_are_found(database: Database) -> None:
    runs = [a_run(f"r{number:04}", task_ids="a") for number in range(1201)]
    put(database, *[RunCreated(run, "asked for") for run in runs])
    with database.read() as conn:
        found, _ = fleet.find_runs(conn, RunQuery(dag_id="sales"))
    assert sorted(found, key=lambda run: run.key) == runs


def test_as_many_runs_as_one_likes_may_be_named(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement has a limited number of parameters."""
    for number in range(5):
        put_run(database, a_run(f"r{number}", "a", logical_date=NOW + timedelta(days=number)))
    monkeypatch.setattr(fleet, "_NAMED_AT_ONCE", 2)
    run_ids = tuple(f"r{number}" for number in (0, 1, 2, 4))
    dates = tuple(NOW + timedelta(days=number) for number in (3, 2, 1))
    with database.read() as conn:
        found, _ = fleet.find_runs(conn, RunQuery(dag_id="sales", run_ids=run_ids))
        assert sorted(run.key.run_id for run in found) == list(run_ids)
        query = RunQuery(dag_id="sales", run_ids=run_ids, logical_dates=dates)
        found, _ = fleet.find_runs(conn, query)
        assert sorted(run.key.run_id for run in found) == [f"r{n}" for n in range(5)]
        assert all(len(run.tasks) == 1 for run in found)


def test_more_runs_than_parameters_are_no_trouble(database: Database) -> None:
    put_run(database)
    names = ("r1", *(f"no-{number}" for number in range(70_000)))
    with database.read() as conn:
        (found,), _ = fleet.find_runs(conn, RunQuery(dag_id="sales", run_ids=names))
    assert found.key.run_id == "r1"

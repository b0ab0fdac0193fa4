"""Backfills: every run of an interval, in order, in slices."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.core.world import DAILY, NOON, World, dag, task
from tradewind.core.turn import SLICE
from tradewind.model.attempts import Result
from tradewind.model.changes import RunCreated
from tradewind.model.commands import CreateBackfill, PatchBackfill
from tradewind.model.events import CommandGiven, SlotsChanged
from tradewind.model.plan import ScheduleSpec
from tradewind.model.states import RunState, RunType

JANUARY = datetime(2024, 1, 1, tzinfo=UTC)
DAG = dag(task("t"), schedule=DAILY, start_date=NOON)


def create(days: int = 5, **fields: Any) -> CreateBackfill:
    to_date = fields.pop("to_date", JANUARY + timedelta(days=days - 1))
    return CreateBackfill(dag_id="d", from_date=JANUARY, to_date=to_date, **fields)


def days(world: World, state: RunState | None = None) -> list[int]:
    return [
        run.logical_date.day
        for run in world.runs.values()
        if run.logical_date and state in (None, run.state)
    ]


def test_it_makes_every_run_and_completes_when_all_have_finished() -> None:
    world = World(DAG)

    answer = world.command(create(31))

    assert answer.result == {"backfill_id": 1}
    assert days(world) == list(range(1, 32))
    assert {run.run_type for run in world.runs.values()} == {RunType.BACKFILL}
    assert [run.sort_ordinal for run in world.runs.values()] == list(range(1, 32))
    assert days(world, RunState.RUNNING) == list(range(1, 11)), "10 at once"
    assert world.backfills[1].completed_at is None

    world.run_all()

    assert set(days(world, RunState.SUCCESS)) == set(range(1, 32))
    assert world.backfills[1].completed_at == world.now
    assert world.fleet.backfills == {}


def test_a_dag_may_not_allow_backfills() -> None:
    world = World(dag(task("t"), schedule=DAILY, allowed_run_types=("manual", "scheduled")))
    answer = world.command(create())
    assert (answer.status, answer.reason) == (
        400,
        "DAG d does not allow backfill runs: its allowed_run_types are manual, scheduled",
    )
    assert world.backfills == {}


def test_runs_are_made_in_slices() -> None:
    world = World(DAG)
    wide = create(to_date=JANUARY - timedelta(days=1), days=0)
    before = len(world.log)
    world.command(
        CreateBackfill(dag_id="d", from_date=JANUARY - timedelta(days=999), to_date=wide.to_date)
    )

    assert len(world.runs) == 999
    slices = [0]
    for change in world.log[before:]:
        if isinstance(change, RunCreated):
            slices[-1] += 1
        elif slices[-1]:
            slices.append(0)
    assert max(slices) <= SLICE / 2


def test_backwards_starts_with_the_latest() -> None:
    world = World(DAG)
    world.command(create(5, run_backwards=True, max_active_runs=2))

    assert days(world) == [5, 4, 3, 2, 1]
    assert days(world, RunState.RUNNING) == [5, 4]


@pytest.mark.parametrize("run_backwards", [False, True])
def test_it_goes_on_after_a_restart_in_the_middle(run_backwards: bool) -> None:
    world = World(DAG)
    world.command(create(to_date=JANUARY + timedelta(days=100), run_backwards=run_backwards))
    made = len(world.runs)
    kept = dict(list(world.runs.items())[:40])
    last = list(kept.values())[-1]
    world.tasks = {key: row for key, row in world.tasks.items() if key.run in kept}
    world.runs = kept
    world.backfills[1] = create_row_at(world, last.run_after)

    world.rebuild()
    world.attempts.clear()
    world.give(SlotsChanged("LocalExecutor", 4))

    assert len(world.runs) == made == 101
    assert sorted(run.sort_ordinal or 0 for run in world.runs.values()) == list(range(1, 102))


def create_row_at(world: World, cursor: datetime) -> Any:
    return replace(world.backfills[1], cursor=cursor, next_ordinal=41, all_made=False)


@pytest.mark.parametrize(
    ("behavior", "again"),
    [("none", []), ("failed", [2]), ("completed", [1, 2])],
)
def test_runs_that_exist_are_passed_over_or_run_again(behavior: str, again: list[int]) -> None:
    world = World(DAG)
    for day, result in ((1, Result.SUCCESS), (2, Result.FAILED)):
        world.trigger(f"day {day}", logical_date=JANUARY + timedelta(days=day - 1))
        world.end("t", result)
    world.trigger("day 3", logical_date=JANUARY + timedelta(days=2))

    world.command(create(4, reprocess_behavior=behavior))

    assert world.run_ids() == ["day 1", "day 2", "day 3", "backfill__2024-01-05T00:00:00+00:00"]
    of_backfill = [run.logical_date.day for run in world.runs.values() if run.backfill_id]
    assert of_backfill == [*again, 4]
    world.run_all()
    assert world.backfills[1].completed_at == world.now


def test_a_dry_run_lists_dates_and_makes_nothing() -> None:
    world = World(DAG)

    answer = world.command(create(2, dry_run=True))

    assert answer.result == {
        "runs": [
            ["2024-01-01T00:00:00+00:00", "2024-01-02T00:00:00+00:00"],
            ["2024-01-02T00:00:00+00:00", "2024-01-03T00:00:00+00:00"],
        ]
    }
    assert world.runs == {}
    assert world.backfills == {}


def test_an_interval_that_is_not_over_is_left_out() -> None:
    world = World(DAG)
    answer = world.command(
        CreateBackfill(
            dag_id="d",
            from_date=NOON.replace(hour=0) - timedelta(days=1),
            to_date=NOON.replace(hour=0),
            dry_run=True,
        )
    )
    assert [logical for logical, _ in answer.result["runs"]] == ["2024-04-30T00:00:00+00:00"]


def test_an_interval_without_runs_is_complete_at_once() -> None:
    world = World(dag(task("t"), schedule=DAILY))
    noon = JANUARY + timedelta(hours=12)

    world.command(CreateBackfill(dag_id="d", from_date=noon, to_date=noon))

    assert world.backfills[1].completed_at == world.now


def test_only_one_at_a_time() -> None:
    world = World(DAG)
    world.command(create())

    refused = world.command(create())

    assert (refused.applied, refused.status) == (False, 409)
    world.run_all()
    assert world.command(create()).result == {"backfill_id": 2}


@pytest.mark.parametrize(
    ("snapshot", "fields", "status", "reason"),
    [
        (dag(task("t"), dag_id="other"), {}, 404, "no DAG d"),
        (dag(task("t")), {}, 400, "no periodic schedule"),
        (DAG, {"to_date": NOON + timedelta(days=1)}, 400, "future"),
        (DAG, {"to_date": JANUARY - timedelta(days=1)}, 400, "must not come after"),
        (DAG, {"max_active_runs": 0}, 400, "at least 1"),
        (DAG, {"reprocess_behavior": "some"}, 400, "none, failed, completed"),
        (dag(task("t", unsupported=("x",)), schedule=DAILY), {}, 400, "task t uses x"),
    ],
)
def test_refused(snapshot: Any, fields: dict[str, Any], status: int, reason: str) -> None:
    world = World(snapshot)

    answer = world.command(create(**fields))

    assert (answer.applied, answer.status) == (False, status)
    assert reason in answer.reason
    assert world.backfills == {}


MINUTELY = ScheduleSpec("cron_data_interval", {"expression": "* * * * *", "timezone": "UTC"})


@pytest.mark.parametrize(
    ("years", "how", "reason"),
    [
        (2, {"dry_run": True}, "about 1051200 runs; at most 10000 are listed or run backwards"),
        (2, {"run_backwards": True}, "at most 10000 are listed or run backwards"),
        (2, {}, "at most 200000 are made: choose a shorter interval"),
        (2022, {}, "knows no runs from 0001-"),
        (2022, {"dry_run": True}, "knows no runs from 0001-"),
    ],
)
def test_more_than_can_be_made_is_refused_at_once(
    years: int, how: dict[str, Any], reason: str
) -> None:
    world = World(dag(task("t"), schedule=MINUTELY, is_paused=True))
    start = JANUARY - timedelta(days=365 * years)
    if years > 2000:
        start = datetime.min.replace(tzinfo=UTC)

    answer = world.command(CreateBackfill(dag_id="d", from_date=start, to_date=JANUARY, **how))

    assert (answer.applied, answer.status) == (False, 400)
    assert reason in answer.reason


def test_a_paused_backfill_starts_no_more_runs() -> None:
    world = World(DAG)
    world.command(create(3, max_active_runs=1))
    world.command(PatchBackfill(backfill_id=1, is_paused=True))
    world.run_all()
    assert days(world, RunState.QUEUED) == [2, 3]

    world.command(PatchBackfill(backfill_id=1, is_paused=False))
    world.run_all()

    assert world.backfills[1].completed_at is not None


def test_no_runs_are_made_of_a_version_that_cannot_be_run() -> None:
    world = World(DAG)
    start = JANUARY - timedelta(days=SLICE - 1)  # more than are made at once
    wanted = CreateBackfill(dag_id="d", from_date=start, to_date=JANUARY)
    world.turn(CommandGiven("a backfill", wanted))
    world.turn(CommandGiven("a pause", PatchBackfill(backfill_id=1, is_paused=True)))
    made = len(world.runs)
    assert made < SLICE

    unable = task("t", unsupported=("telepathy",))
    world.load(dag(unable, schedule=DAILY, start_date=NOON, version=2))
    world.command(PatchBackfill(backfill_id=1, is_paused=False))
    assert len(world.runs) == made

    world.load(dag(task("t"), schedule=DAILY, start_date=NOON, version=3))
    assert len(world.runs) == SLICE
    assert {run.version for run in world.runs.values()} <= {1, 3}


def test_a_cancelled_backfill_lets_running_runs_finish() -> None:
    world = World(DAG)
    world.command(create(3, max_active_runs=1))

    world.command(PatchBackfill(backfill_id=1, cancel=True))

    assert days(world, RunState.FAILED) == [2, 3]
    world.run_all()
    assert days(world, RunState.SUCCESS) == [1]
    assert world.command(PatchBackfill(backfill_id=1, cancel=True)).status == 404


@pytest.mark.parametrize(("ignore", "running"), [(False, []), (True, [1, 2])])
def test_a_paused_dag_holds_its_backfill_unless_told_otherwise(
    ignore: bool, running: list[int]
) -> None:
    world = World(dag(task("t"), schedule=DAILY, is_paused=True))

    world.command(create(2, ignore_dag_pause=ignore))

    assert days(world, RunState.RUNNING) == running
    assert len(world.attempts) == len(running)


def test_a_file_that_is_gone_holds_tasks_that_wait_for_slots() -> None:
    held = dag(task("a"), task("b"), schedule=DAILY, is_paused=True)
    world = World(held, slots=1)
    world.command(create(1, ignore_dag_pause=True))
    assert len(world.attempts) == 1

    world.load(replace(held, is_stale=True))
    world.end("a")
    assert not world.attempts
    world.load(held)
    world.run_all()

    assert days(world, RunState.SUCCESS) == [1]


def test_a_file_that_comes_back_wakes_a_backfill_that_ignores_the_pause() -> None:
    held = dag(task("a"), task("b", "a"), schedule=DAILY, is_paused=True)
    world = World(held)
    world.command(create(1, ignore_dag_pause=True))

    world.load(replace(held, is_stale=True))
    world.end("a")
    assert not world.attempts
    world.load(held)
    world.run_all()

    assert days(world, RunState.SUCCESS) == [1]

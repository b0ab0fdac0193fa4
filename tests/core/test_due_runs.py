"""Runs that schedules make."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.core.world import DAILY, NOON, World, dag, task
from tradewind.model.changes import ScheduleMoved, WakeAt
from tradewind.model.events import Tick
from tradewind.model.plan import ScheduleSpec
from tradewind.model.states import RunState

MAY_DAY = datetime(2024, 5, 1, tzinfo=UTC)
LAST_WEEK = MAY_DAY - timedelta(days=7)
HOURLY = ScheduleSpec("cron_trigger", {"expression": "@hourly", "timezone": "UTC"})


def dates(world: World) -> list[str]:
    return [run.logical_date.strftime("%m-%d") for run in world.runs.values() if run.logical_date]


def test_with_catchup_missed_runs_are_made_oldest_first_up_to_max_active_runs() -> None:
    world = World(
        dag(task("t"), schedule=DAILY, start_date=LAST_WEEK, catchup=True, max_active_runs=2)
    )
    assert dates(world) == ["04-24", "04-25"]

    world.end("scheduled__2024-04-25T00:00:00+00:00/t")
    assert dates(world) == ["04-24", "04-25", "04-26"]

    world.run_all()
    assert dates(world) == [f"04-{day}" for day in range(24, 31)]
    assert world.fleet.next_wake() == MAY_DAY + timedelta(days=1)


def test_without_catchup_only_the_latest_interval_is_run() -> None:
    world = World(dag(task("t"), schedule=DAILY, start_date=LAST_WEEK))

    assert dates(world) == ["04-30"]
    (run,) = world.runs.values()
    assert run.key.run_id == "scheduled__2024-05-01T00:00:00+00:00"
    assert (run.data_interval_start, run.data_interval_end) == (
        MAY_DAY - timedelta(days=1),
        MAY_DAY,
    )


def test_in_the_old_profile_a_run_is_named_by_its_logical_date() -> None:
    world = World(dag(task("t"), schedule=DAILY, start_date=LAST_WEEK, runs_are_named_by_date=True))

    assert world.run_ids() == ["scheduled__2024-04-30T00:00:00+00:00"]


def test_the_clock_is_asked_for_exactly_when_the_next_run_is_due() -> None:
    world = World(dag(task("t"), schedule=HOURLY, start_date=LAST_WEEK))
    assert len(world.runs) == 1
    world.run_all()

    assert [change.at for change in world.log if isinstance(change, WakeAt)][-1] == (
        NOON + timedelta(hours=1)
    )
    world.wait(minutes=59, seconds=59)
    assert len(world.runs) == 1
    world.wait(seconds=1)
    assert len(world.runs) == 2


def test_each_run_moves_the_schedule() -> None:
    world = World(dag(task("t"), schedule=HOURLY, start_date=LAST_WEEK))

    (*_, moved) = [change for change in world.log if isinstance(change, ScheduleMoved)]

    assert moved.last is not None
    assert moved.next is not None
    assert (moved.last.run_after, moved.next.run_after) == (NOON, NOON + timedelta(hours=1))


def test_a_full_dag_without_catchup_goes_on_with_the_latest_run() -> None:
    world = World(dag(task("t"), schedule=HOURLY, start_date=LAST_WEEK, max_active_runs=1))
    world.wait(hours=5)
    assert len(world.runs) == 1

    world.end("t")

    assert [run.run_after.hour for run in world.runs.values()] == [12, 17]


def test_a_date_that_a_manual_run_took_is_left_out() -> None:
    world = World(dag(task("t"), schedule=HOURLY, start_date=LAST_WEEK))
    world.trigger("by hand", logical_date=NOON + timedelta(hours=1))
    world.run_all()

    world.wait(hours=1)
    assert len(world.runs) == 2
    world.wait(hours=1)
    assert len(world.runs) == 3


def test_a_paused_dag_makes_no_runs_until_it_is_unpaused() -> None:
    paused = dag(task("t"), schedule=HOURLY, start_date=LAST_WEEK, is_paused=True)
    world = World(paused)
    world.wait(hours=3)
    assert world.run_ids() == []

    world.load(dag(task("t"), schedule=HOURLY, start_date=LAST_WEEK))

    assert [run.run_after.hour for run in world.runs.values()] == [15]


def test_a_new_schedule_counts_from_when_it_is_loaded() -> None:
    world = World(dag(task("t"), schedule=HOURLY, start_date=LAST_WEEK))
    world.run_all()

    quarter = ScheduleSpec("cron_trigger", {"expression": "*/15 * * * *", "timezone": "UTC"})
    world.load(dag(task("t"), schedule=quarter, start_date=LAST_WEEK, version=2))

    assert world.fleet.next_wake() == NOON + timedelta(minutes=15)


@pytest.mark.parametrize(
    "snapshot",
    [
        dag(schedule=HOURLY, start_date=LAST_WEEK),
        dag(task("t"), schedule=HOURLY, start_date=LAST_WEEK, is_stale=True),
        dag(task("t", unsupported=("deferrable",)), schedule=HOURLY, start_date=LAST_WEEK),
        dag(task("t"), schedule=HOURLY, start_date=NOON + timedelta(days=1)),
        dag(task("t"), schedule=HOURLY, start_date=LAST_WEEK, end_date=LAST_WEEK),
        dag(task("t"), schedule=ScheduleSpec("of a later version"), start_date=LAST_WEEK),
        dag(
            task("t"),
            schedule=ScheduleSpec(
                "cron_trigger", {"expression": "0 0 1 1 * 0 2020", "timezone": "UTC"}
            ),
            start_date=LAST_WEEK,
        ),
    ],
)
def test_not_scheduled(snapshot: object) -> None:
    world = World(snapshot)  # type: ignore[arg-type]
    assert world.run_ids() == []


def test_once_is_once_also_after_a_restart() -> None:
    world = World(dag(task("t"), schedule=ScheduleSpec("once"), start_date=LAST_WEEK))
    world.run_all()
    world.rebuild()
    world.give(Tick())

    assert len(world.runs) == 1


def test_continuous_runs_follow_each_other() -> None:
    world = World(
        dag(task("t"), schedule=ScheduleSpec("continuous"), start_date=LAST_WEEK, max_active_runs=1)
    )
    for _ in range(3):
        world.now += timedelta(minutes=10)
        world.end("t")

    spans = [(run.data_interval_start, run.data_interval_end) for run in world.runs.values()]
    assert len(spans) == 4
    assert [start for start, _ in spans[1:]] == [end for _, end in spans[:-1]]
    assert len(world.run_ids(RunState.RUNNING)) == 1


def test_continuous_runs_of_no_length_do_not_keep_the_scheduler_busy() -> None:
    world = World(
        dag(
            task("t", runs=False),
            schedule=ScheduleSpec("continuous"),
            start_date=LAST_WEEK,
            max_active_runs=1,
        )
    )
    assert len(world.runs) == 1
    world.wait(seconds=0.5)
    assert len(world.runs) == 1
    world.wait(seconds=0.5)
    assert len(world.runs) == 2


def test_a_task_outside_its_window_has_no_instance() -> None:
    world = World(
        dag(
            task("always", runs=False),
            task("later", "always", start_date=NOON, runs=False),
            task("end", "later", runs=False),
            schedule=DAILY,
            start_date=LAST_WEEK,
        )
    )
    (run_id,) = world.run_ids()

    assert world.states(run_id) == {"always": "success", "end": "success"}

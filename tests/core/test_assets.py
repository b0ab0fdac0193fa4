"""Runs that updates of assets make."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.core.world import NOON, World, dag, task
from tradewind.model.assets import AssetKey, AssetUpdate
from tradewind.model.attempts import Result
from tradewind.model.commands import CreateAssetEvent, DropQueuedEvents, TriggerRun
from tradewind.model.events import SlotsChanged
from tradewind.model.plan import ScheduleSpec
from tradewind.model.snapshots import DagSnapshot
from tradewind.model.states import RunType

Expression = dict[str, Any]


def one(name: str) -> Expression:
    return {"asset": {"name": name, "uri": f"x://{name}", "group": "asset"}}


def update(name: str, **facts: Any) -> AssetUpdate:
    return AssetUpdate(name=name, uri=f"x://{name}", **facts)


def waits_for(condition: Expression, dag_id: str = "d", **fields: Any) -> DagSnapshot:
    schedule = ScheduleSpec("asset_triggered", {"assets": condition})
    return dag(task("t"), dag_id=dag_id, schedule=schedule, **fields)


def happen(world: World, name: str, **facts: Any) -> None:
    assert world.command(CreateAssetEvent(update=update(name, **facts))).applied


def taken(world: World) -> list[list[str]]:
    """The assets whose events each run took, oldest run first."""
    return [[event.update.name for event in events] for events in world.consumed.values()]


A, B, C = one("a"), one("b"), one("c")


@pytest.mark.parametrize(
    ("condition", "happens", "expected"),
    [
        (A, "a", [["a"]]),
        (A, "b", []),
        ({"all": [A, B]}, "a", []),
        ({"all": [A, B]}, "aab", [["a", "a", "b"]]),
        ({"all": [A, B]}, "abab", [["a", "b"], ["a", "b"]]),
        ({"any": [A, B]}, "ba", [["b"], ["a"]]),
        ({"all": [A, {"any": [B, C]}]}, "bca", [["b", "c", "a"]]),
        ({"asset_ref": {"name": "a"}}, "a", [["a"]]),
        ({"asset_ref": {"uri": "x://a"}}, "a", [["a"]]),
        ({"all": []}, "a", []),
    ],
)
def test_a_run_is_made_when_the_condition_holds_anew(
    condition: Expression, happens: str, expected: list[list[str]]
) -> None:
    world = World(waits_for(condition))
    for name in happens:
        happen(world, name)
    assert taken(world) == expected
    assert len(world.runs) == len(expected)


def test_the_run_has_no_logical_date_and_says_what_made_it() -> None:
    world = World(waits_for(A))
    happen(world, "a")
    (run,) = world.runs.values()
    assert run.run_type is RunType.ASSET_TRIGGERED
    assert (run.logical_date, run.data_interval_start, run.run_after) == (None, None, NOON)
    assert run.triggered_by == "asset"
    assert run.key.run_id.startswith(f"asset_triggered__{NOON.isoformat()}_")


def test_only_a_success_writes_and_each_try_once() -> None:
    producer = dag(task("p", retries=1), dag_id="producer")
    world = World(producer, waits_for(A))
    world.trigger(dag_id="producer")
    world.end("p", Result.FAILED, asset_updates=(update("a"),))
    assert not world.asset_events
    world.wait(minutes=10)
    world.end("p", asset_updates=(update("a", extra={"rows": 3}),))
    (event,) = world.asset_events
    assert event.source == world.row("p", dag_id="producer").key
    assert event.update.extra == {"rows": 3}
    assert taken(world) == [["a"]]


def test_a_paused_dag_hears_nothing_and_keeps_what_it_had_heard() -> None:
    both = waits_for({"all": [A, B]})
    world = World(both)
    happen(world, "a")
    world.load(replace(both, is_paused=True))
    happen(world, "b")
    world.load(both)
    assert not world.runs
    happen(world, "b")
    assert taken(world) == [["a", "b"]]


def test_what_was_queued_outlives_the_scheduler() -> None:
    world = World(waits_for({"all": [A, B]}))
    happen(world, "a")
    world.rebuild()
    world.give(SlotsChanged("LocalExecutor", 100))
    happen(world, "b")
    assert taken(world) == [["a", "b"]]


def test_another_condition_drops_what_it_does_not_name() -> None:
    world = World(waits_for({"all": [A, B]}))
    happen(world, "a")
    world.load(waits_for({"all": [B, C]}, version=2))
    assert not world.queued
    happen(world, "b")
    happen(world, "c")
    assert taken(world) == [["b", "c"]]


def test_a_condition_that_now_holds_makes_a_run() -> None:
    world = World(waits_for({"all": [A, B]}))
    happen(world, "a")
    world.load(waits_for(A, version=2))
    assert taken(world) == [["a"]]


def test_an_alias_stands_for_what_was_written_through_it() -> None:
    alias = {"alias": {"name": "late", "group": "asset"}}
    world = World(waits_for(alias))
    happen(world, "a")
    assert not world.runs
    happen(world, "a", aliases=("late",))
    world.rebuild()
    world.give(SlotsChanged("LocalExecutor", 100))
    happen(world, "a")
    assert taken(world) == [["a"], ["a"]]


def test_the_clock_makes_runs_too() -> None:
    every_hour = {
        "kind": "cron_data_interval",
        "args": {"expression": "0 * * * *", "timezone": "UTC"},
    }
    schedule = ScheduleSpec("asset_or_time", {"assets": A, "timetable": every_hour})
    world = World(dag(task("t"), schedule=schedule, start_date=NOON))
    world.wait(hours=1)
    happen(world, "a")
    kinds = [run.run_type for run in world.runs.values()]
    assert kinds == [RunType.SCHEDULED, RunType.ASSET_TRIGGERED]


def test_one_event_is_queued_for_all_who_wait() -> None:
    world = World(
        waits_for(A, "now"), waits_for({"all": [A, B]}, "later"), waits_for(B, "something else")
    )
    happen(world, "a")
    assert [key.dag_id for key in world.runs] == ["now"]
    assert [name for name, _ in world.queued] == ["later"]


def test_queued_events_are_dropped_on_demand() -> None:
    both = {"all": [A, B]}
    world = World(waits_for(both, "d"), waits_for(both, "e"))
    happen(world, "a")
    world.now += timedelta(minutes=1)
    key = AssetKey("a", "x://a")
    early = world.command(DropQueuedEvents(dag_id="d", asset=key, before=NOON))
    assert early.result == {"dropped": 0}
    assert world.command(DropQueuedEvents(dag_id="d", before=world.now)).result == {"dropped": 1}
    assert [name for name, _ in world.queued] == ["e"]
    assert world.command(DropQueuedEvents(asset=key)).result == {"dropped": 1}
    assert not world.command(DropQueuedEvents()).applied
    happen(world, "b")
    assert not world.runs


def test_a_run_asked_for_because_of_its_asset() -> None:
    world = World(dag(task("t")))
    command = TriggerRun(dag_id="d", run_id="r", run_after=NOON, materializes=True)
    assert world.command(command).applied
    (run,) = world.runs.values()
    assert run.run_type is RunType.ASSET_MATERIALIZATION

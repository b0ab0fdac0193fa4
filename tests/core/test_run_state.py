"""How runs end, and what a pause or a new version means for those that have not."""

from datetime import timedelta

import pytest

from tests.core.world import NOON, World, dag, task, told
from tradewind.model.attempts import Result
from tradewind.model.changes import DagPaused, Kill, XComsCleared, XComWritten
from tradewind.model.events import FieldsRendered, XComPushed
from tradewind.model.plan import TriggerRule
from tradewind.model.states import TaskState


def test_a_run_that_can_never_go_on_fails() -> None:
    world = World(dag(task("a"), task("b", "a", trigger_rule=TriggerRule.ALL_SKIPPED)))
    world.trigger()
    world.end("a")
    assert world.states()["b"] == "skipped"

    # a removed upstream task leaves `all_skipped` undecided for ever
    world = World(dag(task("a"), task("b", "a", trigger_rule=TriggerRule.ALL_SKIPPED)))
    world.trigger()
    run = next(iter(world.fleet.runs.values()))
    for counted in run.instances()[1:]:
        run.joins[counted.node.join].add(TaskState.REMOVED)
    world.end("a", Result.SKIPPED)
    assert (world.run_state(), world.states()["b"]) == ("failed", "none")
    assert any(getattr(change, "reason", "") == "all_tasks_deadlocked" for change in world.log)


def test_dagrun_timeout() -> None:
    world = World(dag(task("a"), task("b", "a"), dagrun_timeout_s=600))
    world.trigger()
    world.start("a")
    world.wait(minutes=9)
    assert world.run_state() == "running"

    changes = world.wait(minutes=1)

    assert Kill("1-1", "timed_out") in changes
    assert world.states() == {"a": "skipped", "b": "skipped"}
    assert world.run_state() == "failed"


def test_fail_fast_stops_the_rest() -> None:
    world = World(dag(*(task(name) for name in "abc"), task("d", "a"), fail_fast=True), slots=2)
    world.trigger()
    world.start("a")
    world.start("b")

    world.end("a", Result.FAILED)

    assert world.states() == {"a": "failed", "b": "failed", "c": "skipped", "d": "skipped"}
    assert (world.run_state(), world.attempts) == ("failed", {})


def test_too_many_failures_in_a_row_pause_the_dag() -> None:
    world = World(dag(task("t"), max_consecutive_failed_dag_runs=2))
    results = [Result.FAILED, Result.SUCCESS, Result.FAILED, Result.FAILED]
    for number, result in enumerate(results):
        world.trigger(f"r{number}")
        assert not any(isinstance(change, DagPaused) for change in world.log)
        world.end("t", result)

    assert any(isinstance(change, DagPaused) for change in world.log)
    world.trigger("later")
    assert world.run_state("later") == "queued"


def test_a_paused_dag_finishes_what_runs_and_starts_nothing_new() -> None:
    world = World(dag(task("a"), task("b", "a"), task("c")), slots=1)
    world.trigger()
    assert world.states() == {"a": "queued", "b": "none", "c": "scheduled"}

    world.load(dag(task("a"), task("b", "a"), task("c"), is_paused=True))
    world.end("a")
    assert world.states() == {"a": "success", "b": "none", "c": "scheduled"}
    assert world.run_state() == "running"

    world.load(dag(task("a"), task("b", "a"), task("c")))
    assert set(world.states().values()) == {"success", "queued", "scheduled"}
    world.run_all()
    assert world.run_state() == "success"


def test_a_run_goes_on_with_the_latest_code() -> None:
    world = World(dag(task("a"), task("b", "a")))
    world.trigger()

    world.load(dag(task("a"), task("b", "a"), code_hash="c2"))
    world.end("a")

    assert (world.row("b").code_hash, world.attempt("b").code_hash) == ("c2", "c2")
    world.load(dag(task("a"), task("new", "a"), version=2, code_hash="c2"))
    assert world.fleet.head("d") == (2, "c2", "/dags/d.py", False, False)
    assert world.fleet.head("x") is None


def test_a_lost_try_is_retried_at_once() -> None:
    world = World(dag(task("a", retries=1)))
    world.trigger()
    world.start("a")

    world.end("a", Result.LOST, reason="lost")

    assert (world.states(), world.row("a").try_number) == ({"a": "queued"}, 2)
    world.end("a", Result.LOST, reason="lost")
    assert (world.row("a").exit_reason, world.run_state()) == ("lost", "failed")


def test_failed_for_good_is_not_retried() -> None:
    world = World(dag(task("a", retries=5)))
    world.trigger()
    world.end("a", Result.FAILED_FOR_GOOD)
    assert world.states() == {"a": "failed"}


def test_a_task_that_asks_to_be_called_again_frees_its_slot_and_keeps_its_try() -> None:
    world = World(dag(task("sensor"), task("other")), slots=1)
    world.trigger()
    world.start("sensor")

    world.end("sensor", Result.RESCHEDULE, reschedule_at=NOON + timedelta(minutes=5))
    assert world.states() == {"sensor": "up_for_reschedule", "other": "queued"}
    world.end("other")

    assert told(world.wait(minutes=5)) == [
        "sensor: up_for_reschedule -> scheduled",
        "sensor: scheduled -> queued",
        "dispatch sensor try 1",
    ]
    assert (world.attempt("sensor").reschedules, world.attempt("sensor").began_at) == (1, NOON)
    world.start("sensor")
    assert world.row("sensor").start_date == NOON
    world.end("sensor", start_date=world.now)
    assert world.row("sensor").start_date == NOON
    assert world.run_state() == "success"


def test_xcoms_belong_to_a_try() -> None:
    world = World(dag(task("a", retries=1, retry_delay_s=0)))
    world.trigger()
    world.start("a")
    token = world.attempt("a").token
    world.give(XComPushed(token, "early", 1))
    assert len(world.give(FieldsRendered(token, {"x": "y"}))) == 1
    world.end("a", Result.FAILED, xcoms=(("late", 2),))
    assert {key for _, key in world.xcoms} == {"early", "late"}, "readable until the next try"

    changes = world.start("a")

    assert XComsCleared(world.row("a").key) in changes
    assert world.xcoms == {}
    world.end("a", xcoms=(("return_value", 3),))
    assert list(world.xcoms.values()) == [3]
    assert any(isinstance(change, XComWritten) for change in world.log)


@pytest.mark.parametrize("result", [Result.SUCCESS, Result.SKIPPED])
def test_leaves_decide(result: Result) -> None:
    world = World(dag(task("a"), task("b", "a", trigger_rule=TriggerRule.ALL_DONE)))
    world.trigger()
    world.end("a", Result.FAILED)
    world.end("b", result)
    assert world.run_state() == "success"

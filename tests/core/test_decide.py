"""The life of a run as a transcript: an event goes in, Changes come out.

`told` puts Changes in words and leaves out WakeAt and EndAcknowledged. Ending a task that has not
been started starts it first. A world's executor has room for all unless the test says otherwise.
"""

from datetime import timedelta

from tests.core.world import NOON, World, dag, task, told
from tradewind.model.attempts import ORDER_LASTS, Outcome, Result
from tradewind.model.changes import Dispatch, EndAcknowledged, WakeAt
from tradewind.model.commands import ClearTasks
from tradewind.model.events import AttemptEnded, AttemptStarted, SlotsChanged, XComPushed
from tradewind.model.plan import TriggerRule
from tradewind.scheduler.heartbeat import EVERY
from tradewind.storage.leader import LEASE_S

EXTRACT_THEN_LOAD = dag(task("extract"), task("load", "extract", retries=1, retry_delay_s=60))


def test_a_trigger_makes_a_run_and_starts_what_has_no_upstream() -> None:
    world = World(EXTRACT_THEN_LOAD)

    answer = world.trigger("monday")

    assert answer.applied
    assert answer.result == {"run_id": "monday"}
    assert told(world.log) == [
        "run created: monday",
        "run: queued -> running",
        "extract: none -> scheduled",
        "extract: scheduled -> queued",
        "dispatch extract try 1",
    ]


def test_the_end_of_a_task_and_the_start_of_the_next_are_one_decision() -> None:
    world = World(EXTRACT_THEN_LOAD)
    world.trigger()

    assert told(world.start("extract")) == ["extract: queued -> running"]
    assert told(world.end("extract")) == [
        "extract: running -> success",
        "load: none -> scheduled",
        "load: scheduled -> queued",
        "dispatch load try 1",
    ]


def test_the_last_task_ends_the_run() -> None:
    world = World(EXTRACT_THEN_LOAD)
    world.trigger()
    world.end("extract")

    assert told(world.end("load")) == [
        "load: queued -> running",
        "load: running -> success",
        "run: running -> success",
    ]


def test_a_failed_try_waits_for_its_delay_and_is_kept_as_history() -> None:
    world = World(EXTRACT_THEN_LOAD)
    world.trigger()
    world.end("extract")
    world.start("load")

    changes = world.end("load", Result.FAILED, reason="KeyError: 'origin'")

    assert told(changes) == ["load: running -> up_for_retry"]
    assert world.row("load").exit_reason == "KeyError: 'origin'"
    assert changes[-1] == WakeAt(world.row("load").due_at)

    assert told(world.wait(seconds=59)) == []
    assert told(world.wait(seconds=1)) == [
        "archive load try 1",
        "load: up_for_retry -> scheduled",
        "load: scheduled -> queued",
        "dispatch load try 2",
    ]
    assert told(world.start("load")) == ["clear xcoms of load", "load: queued -> running"]


def test_without_a_try_left_the_run_fails() -> None:
    world = World(dag(task("a"), task("b", "a"), task("c", "b", trigger_rule=TriggerRule.ALL_DONE)))
    world.trigger()

    assert told(world.end("a", Result.FAILED)) == [
        "a: queued -> running",
        "a: running -> failed",
        "b: none -> upstream_failed",
        "c: none -> scheduled",
        "c: scheduled -> queued",
        "dispatch c try 1",
    ]
    world.end("c")
    assert world.run_state() == "success", "only leaves decide how a run ended"


def test_a_task_with_nothing_to_execute_needs_no_process() -> None:
    world = World(dag(task("start", runs=False), task("end", "start", runs=False)))

    world.trigger()

    assert told(world.log)[2:] == [
        "start: none -> success",
        "end: none -> success",
        "run: running -> success",
    ]


def test_what_never_started_is_dispatched_again_under_the_same_try_number() -> None:
    world = World(EXTRACT_THEN_LOAD)
    world.trigger()
    first = world.attempt("extract")

    assert told(world.end("extract", Result.NOT_STARTED)) == [
        "extract: queued -> scheduled",
        "extract: scheduled -> queued",
        "dispatch extract try 1",
    ]
    assert world.attempt("extract").token != first.token


def test_a_stale_token_changes_nothing_but_is_acknowledged() -> None:
    world = World(EXTRACT_THEN_LOAD)
    world.trigger()
    token = world.attempt("extract").token
    world.end("extract")
    ended = world.events[-1][0]
    assert isinstance(ended, AttemptEnded)

    assert [type(change) for change in world.give(ended)] == [EndAcknowledged]
    assert told(world.give(AttemptStarted(token, 42, "here", world.now))) == ["kill"]
    assert world.give(XComPushed(token, "key", 1)) == []


def test_a_freed_slot_goes_to_the_task_with_the_highest_weight() -> None:
    world = World(
        dag(task("light"), task("heavy", priority_weight=9), task("middle", priority_weight=5)),
        slots=1,
    )
    world.trigger()

    order = []
    while world.attempts:
        (attempt,) = world.attempts.values()
        order.append(attempt.key.task_id)
        world.end(attempt.key.task_id)

    assert order == ["heavy", "middle", "light"]


def test_a_running_task_that_is_cleared_is_killed_and_tried_again() -> None:
    world = World(EXTRACT_THEN_LOAD)
    world.trigger()
    world.start("extract")
    token = world.attempt("extract").token

    world.command(ClearTasks(dag_id="d", run_ids=("r",), task_ids=("extract",)))

    assert told(world.log)[-2:] == ["kill", "extract: running -> restarting"]
    assert world.run_state() == "running", "only a finished run is queued again"
    end = AttemptEnded(token, Outcome(result=Result.SUCCESS, end_date=world.now))
    assert told(world.give(end)) == [
        "archive extract try 1",
        "extract: restarting -> none",
        "extract: none -> scheduled",
        "extract: scheduled -> queued",
        "dispatch extract try 2",
    ]


def test_a_lost_process_is_a_failed_try_and_is_retried_at_once() -> None:
    world = World(EXTRACT_THEN_LOAD)
    world.trigger()
    world.end("extract")
    world.start("load")

    assert told(world.end("load", Result.LOST)) == [
        "load: running -> up_for_retry",
        "archive load try 1",
        "load: up_for_retry -> scheduled",
        "load: scheduled -> queued",
        "dispatch load try 2",
    ]


def test_slots_that_appear_are_used_at_once() -> None:
    world = World(EXTRACT_THEN_LOAD, slots=0)
    world.trigger()
    assert world.states() == {"extract": "scheduled", "load": "none"}

    changes = world.give(SlotsChanged("LocalExecutor", 1))

    assert [type(change) for change in changes][-1] is Dispatch
    assert world.states()["extract"] == "queued"


def test_a_fleet_built_from_the_store_goes_on_where_the_last_one_stopped() -> None:
    world = World(EXTRACT_THEN_LOAD)
    world.trigger()
    world.start("extract")

    world.rebuild()

    assert list(world.fleet.in_flight()) == [world.attempt("extract").token]
    world.end("extract")
    assert world.states() == {"extract": "success", "load": "scheduled"}
    world.give(SlotsChanged("LocalExecutor", 4))  # until an executor says so there is no slot
    assert world.states() == {"extract": "success", "load": "queued"}


def test_an_order_says_how_long_it_is_good() -> None:
    world = World(dag(task("a")))
    world.trigger()
    assert world.attempt("a").expires_at == NOON + ORDER_LASTS
    assert timedelta(seconds=LEASE_S) > ORDER_LASTS + EVERY, "nobody else leads meanwhile"

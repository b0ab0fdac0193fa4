"""Tasks that wait without a process: how they wait, and every way the wait can end."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.core.world import NOON, World, dag, task
from tradewind.model import changes as c
from tradewind.model.attempts import Result
from tradewind.model.commands import ClearTasks, MarkTask, TriggerSaid
from tradewind.model.constructs import StartTrigger
from tradewind.model.deferral import ENDED_BY_TRIGGER, FAILED_TRIGGER, Deferral, Word
from tradewind.model.events import PoolsChanged, SlotsChanged
from tradewind.model.keys import TaskKey
from tradewind.model.snapshots import PoolSnapshot
from tradewind.model.states import TaskState

KEY = TaskKey("d", "r", "t")


def deferral(**facts: Any) -> Deferral:
    return Deferral(
        classpath="m.Trigger", kwargs={"a": 1}, method="go_on", method_kwargs={"b": 2}, **facts
    )


def deferred(world: World | None = None, **facts: Any) -> World:
    """A world whose task t waits."""
    world = world or World(dag(task("t", retries=1, retry_delay_s=0), task("u", "t")))
    world.trigger()
    world.start("t")
    world.end("t", Result.DEFERRED, deferral=deferral(**facts))
    return world


def say(world: World, trigger: str | None = None, **word: Any) -> c.CommandAnswered:
    name = trigger or world.waiting[KEY].trigger
    assert name is not None
    return world.command(TriggerSaid(trigger=name, key=KEY, word=Word(**word)))


def test_it_waits_without_a_token_or_a_slot() -> None:
    world = deferred(World(dag(task("t"), task("u", "t")), slots=1))
    row = world.row("t")

    assert (row.state, row.token, row.due_at, row.end_date) == ("deferred", None, None, None)
    assert row.start_date == NOON
    assert world.fleet.next_wake() is None
    world.trigger("other")
    assert world.row("t", "other").state == "queued"


def test_an_event_resumes_the_same_try() -> None:
    world = deferred()
    world.wait(seconds=60)

    assert say(world, payload="went").applied

    attempt = world.attempt("t")
    assert attempt.next_method == "go_on"
    assert attempt.next_kwargs == {"b": 2, "event": "went"}
    assert attempt.try_number == 1
    world.start("t")
    assert world.row("t").start_date == NOON
    world.end("t", Result.SUCCESS)
    assert world.waiting == {}
    assert world.row("u").state == "queued"
    assert world.attempt("u").next_method is None


def test_a_word_counts_once() -> None:
    world = deferred()
    trigger = world.waiting[KEY].trigger
    say(world, payload=1)

    again = say(world, trigger, payload=2)

    assert (again.applied, again.status) == (False, 409)
    assert world.attempt("t").next_kwargs["event"] == 1


def test_an_attempt_that_never_began_goes_on_all_the_same() -> None:
    world = deferred()
    say(world, payload=1)

    world.end("t", Result.NOT_STARTED)

    assert world.attempt("t").next_method == "go_on"
    assert world.row("t").try_number == 1


@pytest.mark.parametrize("result", [Result.FAILED, Result.LOST])
def test_the_next_try_begins_anew(result: Result) -> None:
    world = deferred()
    say(world, payload=1)
    world.start("t")
    world.end("t", result)

    world.wait(seconds=1)

    assert (world.attempt("t").try_number, world.attempt("t").next_method) == (2, None)
    assert world.waiting == {}


def test_it_can_wait_twice() -> None:
    world = deferred()
    first = world.waiting[KEY].trigger
    say(world)
    world.start("t")

    world.end("t", Result.DEFERRED, deferral=replace(deferral(), method="second"))

    assert world.waiting[KEY].trigger not in (None, first)
    assert say(world, payload=2).applied
    assert world.attempt("t").next_method == "second"


def test_a_trigger_that_fails_is_told_to_the_task() -> None:
    world = deferred()

    say(world, failure=("ValueError: no",))

    attempt = world.attempt("t")
    assert attempt.next_method == FAILED_TRIGGER
    assert attempt.next_kwargs == {"error": "Trigger failure", "traceback": ["ValueError: no"]}


def test_it_waits_no_longer_than_asked() -> None:
    world = deferred(timeout_s=30)
    assert world.fleet.next_wake() == NOON + timedelta(seconds=30)
    world.wait(seconds=29)
    assert world.row("t").state == "deferred"

    world.wait(seconds=1)

    assert world.attempt("t").next_method == FAILED_TRIGGER
    assert world.attempt("t").next_kwargs == {"error": "Trigger timeout"}
    assert not say(world, "1-1").applied


@pytest.mark.parametrize(("timeout_s", "method"), [(None, "go_on"), (10, "go_on"), (9, "__fail__")])
def test_a_mere_moment_needs_no_triggerer(timeout_s: float | None, method: str) -> None:
    at = NOON + timedelta(seconds=10)
    world = deferred(at=at, word=Word(payload="now"), timeout_s=timeout_s)
    assert not any(isinstance(change, c.TriggersChanged) for change in world.log)

    world.wait(seconds=10)

    assert world.attempt("t").next_method == method


@pytest.mark.parametrize("state", [TaskState.SUCCESS, TaskState.SKIPPED])
def test_a_trigger_may_end_the_task(state: TaskState) -> None:
    world = deferred()

    say(world, end=state, xcoms=(("k", 5),))

    assert world.row("t").state is state
    assert world.xcoms[KEY, "k"] == 5
    assert world.row("u").state in ("queued", "skipped")
    assert world.waiting == {}


def test_a_trigger_that_fails_the_task_leaves_its_retries() -> None:
    world = deferred()

    say(world, end=TaskState.FAILED)

    assert world.attempt("t").try_number == 2, "at once: its delay is 0"
    world.start("t")
    world.end("t", Result.DEFERRED, deferral=deferral())
    say(world, end=TaskState.FAILED)
    assert world.row("t").state == "failed"
    assert world.run_state() == "failed"


@pytest.mark.parametrize("state", [TaskState.SUCCESS, TaskState.FAILED])
def test_an_end_by_the_trigger_has_a_process_for_callbacks(state: TaskState) -> None:
    called_back = task("t", retries=1, retry_delay_s=0, has_end_callbacks=True)
    world = deferred(World(dag(called_back, task("u", "t"))))

    say(world, end=state, xcoms=(("k", 5),))

    attempt = world.attempt("t")
    assert (attempt.try_number, attempt.next_method) == (1, ENDED_BY_TRIGGER)
    assert attempt.next_kwargs == {"state": state.value, "xcoms": [["k", 5]]}
    world.start("t")
    world.end("t", Result.SUCCESS if state is TaskState.SUCCESS else Result.FAILED)
    if state is TaskState.SUCCESS:
        assert world.row("u").state == "queued"
    else:
        world.wait(seconds=0)
        assert (world.attempt("t").try_number, world.attempt("t").next_method) == (2, None)
    assert world.waiting == {}


def test_a_skip_by_the_trigger_calls_nobody_back() -> None:
    world = deferred(World(dag(task("t", has_end_callbacks=True))))

    say(world, end=TaskState.SKIPPED)

    assert world.row("t").state == "skipped"


def test_clearing_and_marking_end_the_wait() -> None:
    world = deferred()
    trigger = world.waiting[KEY].trigger

    world.command(ClearTasks(dag_id="d", run_ids=("r",)))

    assert (world.attempt("t").try_number, world.attempt("t").next_method) == (2, None)
    assert world.waiting == {}
    assert not say(world, trigger).applied
    world.start("t")
    world.end("t", Result.DEFERRED, deferral=deferral())
    seen = len(world.log)
    world.command(MarkTask(dag_id="d", run_id="r", task_id="t"))
    assert world.row("t").state == "success"
    assert any(isinstance(change, c.TriggersChanged) for change in world.log[seen:])
    assert world.waiting == {}


def test_the_next_scheduler_goes_on() -> None:
    world = deferred(timeout_s=30)
    world.rebuild()

    say(world, payload=3)
    world.rebuild()
    world.give(SlotsChanged("LocalExecutor", 1))

    assert world.waiting[KEY].method_kwargs == {"b": 2, "event": 3}
    world.end("t", Result.NOT_STARTED)
    assert world.attempt("t").next_kwargs == {"b": 2, "event": 3}
    other = deferred(timeout_s=30)
    other.rebuild()
    other.wait(seconds=30)
    assert other.row("t").state in ("scheduled", "queued")


def counting(slots: int, *, deferred: bool) -> PoolsChanged:
    return PoolsChanged((PoolSnapshot("default_pool", slots, include_deferred=deferred),))


def test_a_pool_may_count_those_that_wait() -> None:
    world = World(dag(task("t")))
    world.give(counting(1, deferred=True))
    deferred(world)

    world.trigger("other")
    assert world.row("t", "other").state == "scheduled"
    world.give(counting(1, deferred=False))
    assert world.row("t", "other").state == "queued"
    world.give(counting(2, deferred=True))
    world.trigger("third")
    assert world.row("t", "third").state == "scheduled"
    world.command(MarkTask(dag_id="d", run_id="r", task_id="t"))
    assert world.row("t", "third").state == "queued"


STARTS = StartTrigger(
    classpath="m.Trigger", next_method="go_on", trigger_kwargs={"x": 1}, timeout_s=60
)


def test_a_task_may_begin_in_a_trigger() -> None:
    world = World(dag(task("t", start_trigger=STARTS, retries=1, execution_timeout_s=20)))
    world.trigger()

    row = world.row("t")
    assert (row.state, row.try_number, row.start_date) == ("deferred", 1, NOON)
    assert not world.attempts
    assert row.due_at == NOON + timedelta(seconds=20)
    (written,) = [change for change in world.log if isinstance(change, c.WaitWritten)]
    assert written.deferral is not None
    assert written.deferral.kwargs == {"x": 1}
    say(world, payload=1)
    world.start("t")
    world.end("t", Result.FAILED)
    world.wait(minutes=10)
    assert (world.row("t").state, world.row("t").try_number) == ("deferred", 2)
    assert (KEY, 1) in world.history
    world.command(ClearTasks(dag_id="d", run_ids=("r",)))
    assert (world.row("t").state, world.row("t").try_number) == ("deferred", 3)

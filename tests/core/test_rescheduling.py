"""A task that asks to be called again: the same try, its slots free meanwhile."""

from datetime import timedelta
from typing import Any

import pytest

from tests.core.world import NOON, World, dag, task
from tradewind.model.attempts import Result
from tradewind.model.commands import ClearTasks
from tradewind.model.events import SlotsChanged, XComPushed

MINUTE = timedelta(minutes=1)


def sensing(**fields: Any) -> World:
    world = World(dag(task("sensor", **fields)))
    world.trigger()
    return world


def look_again(world: World, **facts: Any) -> None:
    """One look that comes to nothing, and the wait for the next one."""
    world.start("sensor")
    world.end("sensor", Result.RESCHEDULE, reschedule_at=world.now + MINUTE, **facts)
    world.wait(minutes=1)


def test_it_is_one_try_however_often_it_is_called() -> None:
    world = sensing()
    assert (world.attempt("sensor").reschedules, world.attempt("sensor").began_at) == (0, None)

    for calls in range(1, 5):
        look_again(world)
        order = world.attempt("sensor")
        assert (order.try_number, order.reschedules, order.began_at) == (1, calls, NOON)

    assert world.row("sensor").reschedules == 4
    assert world.history == {}


def test_a_further_try_counts_anew() -> None:
    world = sensing(retries=1, retry_delay_s=0)
    look_again(world)
    world.start("sensor")
    world.end("sensor", Result.FAILED)

    order = world.attempt("sensor")
    assert (order.try_number, order.reschedules, order.began_at) == (2, 0, None)
    world.start("sensor")
    assert (world.row("sensor").reschedules, world.row("sensor").start_date) == (0, world.now)
    assert [row.reschedules for row in world.history.values()] == [1]


def test_a_timeout_is_not_retried() -> None:
    world = sensing(retries=3)
    look_again(world)
    world.start("sensor")
    world.end("sensor", Result.FAILED_FOR_GOOD, reason="timed out")
    assert world.states() == {"sensor": "failed"}


def test_it_frees_its_slots() -> None:
    world = World(
        dag(task("sensor", pool="one"), task("other", pool="one", priority_weight=0)),
        pools={"one": 1},
    )
    world.trigger()
    world.start("sensor")
    assert world.states() == {"sensor": "running", "other": "scheduled"}

    world.end("sensor", Result.RESCHEDULE, reschedule_at=NOON + MINUTE)
    assert world.states() == {"sensor": "up_for_reschedule", "other": "queued"}

    world.wait(minutes=1)
    assert world.states() == {"sensor": "scheduled", "other": "queued"}, "it needs one again"
    world.end("other")
    assert world.states() == {"sensor": "queued", "other": "success"}


@pytest.mark.parametrize(
    ("asked_s", "called_s"), [(9.25, 9.25), (60.25, 61), (60, 60), (0, 0), (-5, -5)]
)
def test_after_a_long_wait_it_is_called_on_a_full_second(asked_s: float, called_s: float) -> None:
    world = sensing()
    world.start("sensor")
    world.end("sensor", Result.RESCHEDULE, reschedule_at=NOON + timedelta(seconds=asked_s))
    if asked_s > 0:
        assert world.row("sensor").due_at == NOON + timedelta(seconds=called_s)
    else:
        assert world.states() == {"sensor": "queued"}


def test_what_it_pushed_at_one_look_is_gone_at_the_next() -> None:
    world = sensing()
    world.start("sensor")
    world.give(XComPushed(world.attempt("sensor").token, "seen", 1))
    world.end("sensor", Result.RESCHEDULE, reschedule_at=NOON + MINUTE)
    assert len(world.xcoms) == 1

    world.wait(minutes=1)
    assert len(world.xcoms) == 1
    world.start("sensor")
    assert world.xcoms == {}


def test_a_look_that_never_began_is_ordered_again() -> None:
    world = sensing()
    look_again(world)
    world.end("sensor", Result.NOT_STARTED)

    order = world.attempt("sensor")
    assert (order.try_number, order.reschedules, order.began_at) == (1, 1, NOON)


def test_another_scheduler_knows_since_when_it_waits() -> None:
    world = sensing()
    look_again(world)
    world.start("sensor")
    world.end("sensor", Result.RESCHEDULE, reschedule_at=world.now + MINUTE)

    world.fleet = world.rebuild()
    world.give(SlotsChanged("LocalExecutor", 1))
    world.wait(minutes=1)

    order = world.attempt("sensor")
    assert (order.try_number, order.reschedules, order.began_at) == (1, 2, NOON)


def test_clearing_it_begins_a_try_of_its_own() -> None:
    world = sensing()
    world.start("sensor")
    world.end("sensor", Result.RESCHEDULE, reschedule_at=NOON + MINUTE)
    world.command(ClearTasks(dag_id="d", run_ids=("r",)))

    order = world.attempt("sensor")
    assert (order.try_number, order.reschedules, order.began_at) == (2, 0, None)

"""Clocks are put back now and then; what waits for a time must not be forgotten over it."""

from dataclasses import replace
from datetime import timedelta

from tests.core.world import World, dag, task
from tradewind.model.attempts import Result


def test_a_retry_that_was_due_is_due_again() -> None:
    one = dag(task("a", retries=1, retry_delay_s=60))
    world = World(one)
    world.trigger()
    world.start("a")
    world.end("a", Result.FAILED)
    due = world.row("a").due_at
    assert due is not None

    world.load(replace(one, is_paused=True))
    world.wait(seconds=61)
    world.now = due - timedelta(seconds=1)
    world.load(one)
    assert world.states() == {"a": "up_for_retry"}
    world.wait(seconds=2)

    assert world.states() == {"a": "queued"}

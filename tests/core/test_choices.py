"""Tasks that choose which of those after them run, and the memory of their choice."""

from collections.abc import Iterable
from typing import Any

import pytest

from tests.core.world import World, dag, task, told
from tradewind.core.explain import explain
from tradewind.model.attempts import Result
from tradewind.model.changes import TaskChanged
from tradewind.model.commands import ClearTasks
from tradewind.model.events import XComPushed
from tradewind.model.keys import CHOICE, TaskKey
from tradewind.model.plan import TriggerRule

FORK = dag(
    task("choose", may_skip_downstream=True),
    task("left", "choose"),
    task("right", "choose"),
    task("join", "left", "right", trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS),
)


def choose(world: World, name: str, out: Iterable[str], **choice: list[str]) -> list[Any]:
    """A task ends with a choice, as an operator tells it."""
    world.start(name)
    world.give(XComPushed(world.attempt(name).token, CHOICE, choice))
    return world.end(name, skips=tuple((task_id, -1) for task_id in out))


def clear(world: World, *task_ids: str, **fields: Any) -> None:
    answer = world.command(ClearTasks(dag_id="d", run_ids=("r",), task_ids=task_ids, **fields))
    assert answer.applied


def chosen_left() -> World:
    world = World(FORK)
    world.trigger()
    choose(world, "choose", ["right"], followed=["left"])
    world.run_all()
    return world


def test_what_is_left_out_is_skipped_by_the_commit_that_ends_the_choosing_task() -> None:
    world = World(FORK)
    world.trigger()

    made = choose(world, "choose", ["right"], followed=["left"])

    assert told(made) == [
        "choose: running -> success",
        "right: none -> skipped",
        "left: none -> scheduled",
        "left: scheduled -> queued",
        "dispatch left try 1",
    ]
    world.run_all()
    assert world.states()["join"] == world.run_state() == "success"


@pytest.mark.parametrize("rebuilt", [False, True])
def test_a_cleared_task_that_was_left_out_is_skipped_again(rebuilt: bool) -> None:
    world = chosen_left()
    if rebuilt:
        world.rebuild()

    clear(world, "right")

    assert told(world.log)[-2:] == ["right: none -> skipped", "run: running -> success"]
    assert world.states()["right"] == "skipped"
    assert world.run_state() == "success"
    assert not world.attempts


def test_a_choosing_task_that_is_cleared_chooses_anew() -> None:
    world = chosen_left()

    clear(world, "choose", include_downstream=True)
    assert world.states()["right"] == "none"
    choose(world, "choose", ["left"], followed=["right"])
    world.run_all()

    assert world.states() == {
        "choose": "success",
        "left": "skipped",
        "right": "success",
        "join": "success",
    }


def test_a_choice_is_forgotten_when_the_task_begins_again() -> None:
    world = chosen_left()
    clear(world, "choose", include_downstream=True)

    world.start("choose")
    world.end("choose")  # this time it leaves all to the trigger rules
    world.run_all()

    assert world.states()["right"] == "success"


def test_what_is_far_downstream_is_skipped_too_but_not_remembered() -> None:
    world = World(
        dag(
            task("stop", may_skip_downstream=True),
            task("next", "stop"),
            task("report", "next", trigger_rule=TriggerRule.ALL_DONE),
        )
    )
    world.trigger()
    choose(world, "stop", ["next", "report"], skipped=["next", "report"])
    assert world.states() == {"stop": "success", "next": "skipped", "report": "skipped"}
    assert world.run_state() == "success"

    clear(world, "report")
    world.run_all()
    assert world.states()["report"] == "success"

    clear(world, "next")
    assert world.states()["next"] == "skipped"


def test_what_waits_for_a_slot_or_a_retry_is_called_back_and_what_runs_is_not() -> None:
    late = {"trigger_rule": TriggerRule.ONE_SUCCESS}
    world = World(
        dag(
            task("early"),
            task("choose", may_skip_downstream=True),
            task("waits", "choose", "early", pool="full", **late),
            task("queued", "choose", "early", **late),
            task("retries", "choose", "early", retries=1, retry_delay_s=600, **late),
            task("runs", "choose", "early", **late),
            task("broken", "choose", "early"),
        ),
        pools={"full": 0},
    )
    world.trigger()
    world.start("early")
    world.end("early")
    world.start("retries")
    world.end("retries", Result.FAILED)
    world.start("runs")
    assert world.states()["retries"] == "up_for_retry"

    names = ["waits", "queued", "retries", "runs", "broken", "no such task"]
    choose(world, "choose", names, followed=[])

    assert world.states() == {
        "early": "success",
        "choose": "success",
        "waits": "skipped",
        "queued": "skipped",
        "retries": "skipped",
        "runs": "running",
        "broken": "skipped",
    }
    world.run_all()
    assert world.run_state() == "success"
    assert world.states()["queued"] == "skipped"


def test_one_that_another_task_had_blocked_is_skipped() -> None:
    world = World(
        dag(task("bad"), task("choose", may_skip_downstream=True), task("t", "bad", "choose"))
    )
    world.trigger()
    world.start("bad")
    world.end("bad", Result.FAILED)
    assert world.states()["t"] == "upstream_failed"

    choose(world, "choose", ["t"], followed=[])
    assert (world.states()["t"], world.run_state()) == ("skipped", "success")


def test_a_choice_alone_is_enough() -> None:
    world = World(
        dag(
            task("choose", may_skip_downstream=True),
            task("slow"),
            task("t", "choose", "slow", trigger_rule=TriggerRule.ALL_DONE),
        )
    )
    world.trigger()
    choose(world, "choose", [], followed=["another"])
    assert world.states()["t"] == "skipped"


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ({"followed": ["t"]}, "queued"),
        ({"followed": []}, "skipped"),
        ({"skipped": ["t"]}, "skipped"),
        ({"skipped": ["other"]}, "queued"),
        ({}, "queued"),
        ({"followed": None}, "queued"),
        ("t", "queued"),
        (None, "queued"),
    ],
)
def test_whatever_is_pushed_as_a_choice_is_understood_or_passed_over(
    value: Any, state: str
) -> None:
    world = World(dag(task("choose", may_skip_downstream=True), task("t", "choose")))
    world.trigger()
    world.start("choose")
    world.give(XComPushed(world.attempt("choose").token, CHOICE, value))
    world.end("choose")
    assert world.states()["t"] == state


def test_a_task_that_cannot_choose_leaves_nobody_out() -> None:
    world = World(dag(task("a"), task("b", "a")))
    world.trigger()
    world.start("a")
    world.give(XComPushed(world.attempt("a").token, CHOICE, {"followed": []}))
    world.end("a")
    assert world.states()["b"] == "queued"


def test_the_reason_names_who_left_it_out() -> None:
    world = chosen_left()
    clear(world, "right")
    reasons = [change.reason for change in world.log if isinstance(change, TaskChanged)]
    assert reasons[-1] == "choose goes on without it"


def test_explain_asks_for_choices_too() -> None:
    world = World(FORK)
    world.trigger()
    gates = explain(world.fleet, TaskKey("d", "r", "left"), world.now)
    told_by_gate = {gate: (verdict, reason) for gate, verdict, reason in gates}
    assert told_by_gate["choice_upstream"] == (
        "pass",
        "No task directly upstream has chosen to go on without it.",
    )

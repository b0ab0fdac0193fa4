"""Setup and teardown tasks in runs: whom they hold up, who outlives whom, what decides a run."""

from typing import Any

import pytest

from tests.core.world import World, dag, task
from tradewind.core.explain import explain
from tradewind.model.attempts import Result
from tradewind.model.commands import ClearTasks, PatchRun
from tradewind.model.keys import TaskKey
from tradewind.model.plan import TaskPlan, TriggerRule
from tradewind.model.states import RunState


def teardown(task_id: str, *upstream: str, setups: tuple[str, ...], **fields: Any) -> TaskPlan:
    return task(
        task_id,
        *upstream,
        *setups,
        setups=setups,
        is_teardown=True,
        trigger_rule=TriggerRule.ALL_DONE_SETUP_SUCCESS,
        **fields,
    )


def scoped(**down: Any) -> World:
    """up >> first >> last >> down, up >> down, and a late task after `first` and another way in."""
    world = World(
        dag(
            task("up", is_setup=True),
            task("aside"),
            task("first", "up"),
            task("late", "first", "aside", trigger_rule=TriggerRule.ONE_SUCCESS),
            task("last", "late"),
            teardown("down", "last", setups=("up",), **down),
        )
    )
    world.trigger()
    return world


def end(world: World, *names: str, result: Result = Result.SUCCESS, **facts: Any) -> None:
    for name in names:
        world.start(name)
        world.end(name, result, **facts)


def test_a_teardown_runs_though_the_work_failed_and_the_run_fails_with_the_work() -> None:
    world = scoped()
    end(world, "aside", "up")
    end(world, "first", "late")
    end(world, "last", result=Result.FAILED)
    end(world, "down")
    assert world.states()["down"] == "success"
    assert world.run_state() == "failed"


@pytest.mark.parametrize(("counts", "state"), [(False, "success"), (True, "failed")])
def test_a_teardowns_failure_counts_only_if_it_is_said_to(counts: bool, state: str) -> None:
    world = scoped(on_failure_fail_dagrun=counts)
    end(world, "aside", "up", "first", "late", "last")
    end(world, "down", result=Result.FAILED)
    assert world.run_state() == state


def test_a_task_waits_for_the_setup_in_whose_scope_it_stands() -> None:
    world = scoped()
    end(world, "aside")
    assert world.states()["late"] == "none"
    gates = {
        gate: told for gate, *told in explain(world.fleet, TaskKey("d", "r", "late"), world.now)
    }
    assert gates["trigger_rule"][0] == "pass"
    assert gates["scope"] == [
        "wait",
        "scope: 0 of 1 setups have finished (until the end of an upstream task)",
    ]

    end(world, "up")
    assert world.states()["late"] == "queued"


@pytest.mark.parametrize(
    ("result", "state"), [(Result.FAILED, "upstream_failed"), (Result.SKIPPED, "skipped")]
)
def test_without_its_setup_nothing_of_the_scope_runs(result: Result, state: str) -> None:
    world = scoped()
    end(world, "up", result=result)
    assert world.states() == {
        "up": result.value,
        "aside": "queued",
        "first": state,
        "late": state,
        "last": state,
        "down": state,
    }
    world.run_all()
    assert world.run_state() == ("success" if state == "skipped" else "failed")


def test_a_teardown_waits_for_all_in_its_scope() -> None:
    world = World(
        dag(
            task("up", is_setup=True),
            task("quick", "up"),
            task("slow", "up"),
            task("after", "slow", "quick", trigger_rule=TriggerRule.ONE_SUCCESS),
            teardown("down", "after", setups=("up",)),
        )
    )
    world.trigger()
    end(world, "up", "quick", "after")
    assert world.states()["down"] == "none"
    gates = {
        gate: told for gate, *told in explain(world.fleet, TaskKey("d", "r", "down"), world.now)
    }
    assert gates["scope"][1].startswith("scope: 1 of 2 tasks before the teardown have finished")
    end(world, "slow")
    assert world.states()["down"] == "queued"


def test_one_of_several_setups_is_enough_for_their_teardown() -> None:
    world = World(
        dag(
            task("a", is_setup=True),
            task("b", is_setup=True),
            teardown("down", setups=("a", "b")),
        )
    )
    world.trigger()
    end(world, "a", result=Result.FAILED)
    end(world, "b")
    assert world.states()["down"] == "queued"


def test_a_dag_of_teardowns_alone_is_decided_by_them() -> None:
    world = World(dag(teardown("down", setups=())))
    world.trigger()
    end(world, "down", result=Result.FAILED)
    assert world.run_state() == "failed"


def test_clearing_a_task_clears_its_setups_and_teardowns() -> None:
    world = scoped()
    world.run_all()
    assert world.run_state() == "success"

    answer = world.command(ClearTasks(dag_id="d", run_ids=("r",), task_ids=("last",), dry_run=True))
    assert [name for _, name, _ in answer.result["task_instances"]] == ["up", "last", "down"]

    answer = world.command(ClearTasks(dag_id="d", run_ids=("r",), task_ids=("aside",)))
    assert [name for _, name, _ in answer.result["task_instances"]] == ["aside"]

    answer = world.command(ClearTasks(dag_id="d", run_ids=("r",), task_ids=("up",)))
    assert [name for _, name, _ in answer.result["task_instances"]] == ["up", "down"]


FAST = dag(
    task("up", is_setup=True),
    task("bad", "up"),
    task("runs", "up"),
    task("next", "runs", "bad"),
    teardown("down", "next", setups=("up",)),
    task("after", "down"),
    fail_fast=True,
)


@pytest.mark.parametrize("rebuilt", [False, True])
def test_fail_fast_spares_teardowns(rebuilt: bool) -> None:
    world = World(FAST)
    world.trigger()
    end(world, "up")
    world.start("runs")
    end(world, "bad", result=Result.FAILED)
    assert world.states() == {
        "up": "success",
        "bad": "failed",
        "runs": "failed",
        "next": "skipped",
        "down": "queued",
        "after": "skipped",
    }
    if rebuilt:
        world.rebuild()
    end(world, "down")
    assert world.run_state() == "failed"


def test_a_teardown_that_fails_is_no_reason_for_a_fail_fast_run_to_fail() -> None:
    world = World(FAST)
    world.trigger()
    end(world, "up", "bad", "runs", "next")
    end(world, "down", result=Result.FAILED)
    assert (world.run_state(), world.states()["after"]) == ("success", "skipped")


@pytest.mark.parametrize("rebuilt", [False, True])
def test_a_run_that_is_marked_goes_on_until_its_teardowns_have_ended(rebuilt: bool) -> None:
    world = scoped()
    end(world, "up")
    world.start("aside")

    answer = world.command(PatchRun(dag_id="d", run_id="r", state=RunState.FAILED))

    assert answer.applied
    states = world.states()
    assert (states["aside"], states["first"], states["last"]) == ("failed", "skipped", "skipped")
    assert (states["down"], world.run_state()) == ("queued", "running")
    if rebuilt:
        world.rebuild()
    end(world, "down")
    assert (
        world.run_state() == "success"
    )  # its tasks decide, as everywhere: none of its leaves failed


def test_a_run_without_open_teardowns_is_marked_at_once() -> None:
    world = scoped()
    end(world, "aside", "up", "first", "late", "last", "down")
    world.command(ClearTasks(dag_id="d", run_ids=("r",), task_ids=("aside",)))
    world.command(PatchRun(dag_id="d", run_id="r", state=RunState.FAILED))
    assert (world.run_state(), world.states()["aside"]) == ("failed", "skipped")

"""Why a task instance is where it is."""

import pytest

from tests.core.world import World, dag, task
from tradewind.core.explain import explain
from tradewind.core.gates import GATES
from tradewind.model.attempts import Result
from tradewind.model.errors import NotFound
from tradewind.model.keys import TaskKey


def lines(world: World, task_id: str, run_id: str = "r") -> dict[str, tuple[str, str]]:
    found = explain(world.fleet, TaskKey("d", run_id, task_id), world.now)
    return {gate: (verdict, reason) for gate, verdict, reason in found}


def test_every_gate_answers_in_order() -> None:
    world = World(dag(task("a"), task("b", "a")))
    world.trigger()

    found = lines(world, "b")

    assert list(found) == [gate.__name__ for gate in GATES]
    assert found["run_is_running"][0] == "pass"
    assert found["trigger_rule"] == (
        "wait",
        "all_success: 0 of 1 upstream tasks have finished (until the end of an upstream task)",
    )


def test_reasons() -> None:
    world = World(
        dag(task("a", retries=1), task("b", pool="p"), task("c", pool="q"), max_active_runs=1),
        pools={"p": 1},
    )
    world.trigger()
    world.trigger("second")
    world.end("a", Result.FAILED)

    assert "retry at 2024-05-01T12:05:00" in lines(world, "a")["retry_time"][1]
    assert "pool q has no slots" in lines(world, "c")["slots"][1]
    assert lines(world, "b") == {"state": ("queued", "no gate is asked any more")}
    assert "1 of 1 runs are running" in lines(world, "a", "second")["run_is_running"][1]

    world.load(dag(task("a", retries=1), task("b", pool="p"), task("c", pool="q"), is_paused=True))
    assert "the DAG is paused" in lines(world, "c")["dag_is_on"][1]


def test_unknown() -> None:
    with pytest.raises(NotFound, match="not among the unfinished"):
        lines(World(dag(task("a"))), "a")

"""Cost follows change: what is looked at when a task ends does not depend on how many wait."""

import pytest

from tests.core.world import World, dag, task
from tradewind.core import gates
from tradewind.core.joins import UpstreamEnds
from tradewind.core.limits import Lane
from tradewind.model.plan import TriggerRule


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every question asked of a trigger rule or of a lane's limits."""
    asked: list[object] = []
    judge, blocker = gates.judge, Lane.blocker

    def counting_judge(*args: object) -> object:
        asked.append(args)
        return judge(*args)  # type: ignore[arg-type]

    def counting_blocker(lane: Lane) -> object:
        asked.append(lane)
        return blocker(lane)

    monkeypatch.setattr(gates, "judge", counting_judge)
    monkeypatch.setattr(Lane, "blocker", counting_blocker)
    return asked


def cost_of_one_end(looks: list[object], width: int) -> int:
    wide = [task(f"t{n}", "start") for n in range(width)]
    join = task("join", *(one.task_id for one in wide), trigger_rule=TriggerRule.ALL_DONE)
    world = World(dag(task("start", runs=False), *wide, join, max_active_tasks=999), slots=3)
    world.trigger()
    looks.clear()
    world.end("t0")
    return len(looks)


def test_an_end_in_a_wide_fan_out_costs_the_same_at_any_width(looks: list[object]) -> None:
    assert cost_of_one_end(looks, 10) == cost_of_one_end(looks, 500) <= 4


def test_many_runs_that_wait_for_one_pool_are_not_looked_at_one_by_one(
    looks: list[object],
) -> None:
    def cost(runs: int) -> int:
        world = World(dag(task("t", pool="p"), max_active_runs=999), pools={"p": 1})
        for number in range(runs):
            world.trigger(f"r{number}")
        looks.clear()
        world.end("r0/t")
        return len(looks)

    assert cost(5) == cost(200) <= 4


def test_layers_connected_each_with_each_cost_one_counter_an_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted: list[object] = []
    went = UpstreamEnds.went

    def counting(ends: UpstreamEnds, *args: object) -> bool:
        counted.append(ends)
        return went(ends, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(UpstreamEnds, "went", counting)

    def cost(width: int) -> float:
        layers = [[f"l{layer}_{n}" for n in range(width)] for layer in range(4)]
        tasks = [
            task(name, *(layers[layer - 1] if layer else ()))
            for layer in range(4)
            for name in layers[layer]
        ]
        world = World(dag(*tasks, max_active_tasks=999), slots=999)
        world.trigger()
        counted.clear()
        world.run_all()
        assert world.run_state() == "success"
        return len(counted) / len(tasks)

    assert cost(2) == cost(40) <= 1

"""Mapped tasks and groups: when they become many, how many, and what those downstream see."""

import pytest

from tests.core.world import World, dag, task, told
from tradewind.core.explain import explain
from tradewind.core.turn import SLICE
from tradewind.model.attempts import Outcome, Result
from tradewind.model.commands import ClearTasks, MarkTask
from tradewind.model.constructs import Expansion, Source
from tradewind.model.events import AttemptEnded, SlotsChanged
from tradewind.model.keys import TaskKey
from tradewind.model.plan import GroupPlan, TriggerRule
from tradewind.model.states import TaskState

OVER_A = Expansion(arguments=(("x", Source("xcom", task_id="a", key="return_value")),))
MAPPED = dag(task("a"), task("m", "a", expansion=OVER_A), task("reduce", "m"))
GROUP = dag(
    task("a"),
    task("g.one", "a", group_id="g"),
    task("g.two", "g.one", group_id="g"),
    task("after", "g.two"),
    groups=(GroupPlan(group_id="g", expansion=OVER_A),),
)


def literal(*lengths: int) -> Expansion:
    return Expansion(
        arguments=tuple((f"x{n}", Source("literal", length=size)) for n, size in enumerate(lengths))
    )


def rows(world: World, task_id: str) -> dict[int, str]:
    return {
        key.map_index: row.state.value
        for key, row in sorted(world.tasks.items())
        if key.task_id == task_id
    }


def token_of(world: World, task_id: str, map_index: int) -> str:
    row = world.tasks[TaskKey("d", "r", task_id, map_index)]
    assert row.token is not None
    return row.token


def end(world: World, task_id: str, map_index: int, result: Result = Result.SUCCESS) -> None:
    attempt = world.attempts[token_of(world, task_id, map_index)]
    others = {token: other for token, other in world.attempts.items() if other.key != attempt.key}
    world.attempts = {attempt.token: attempt}
    try:
        length = 1 if result is Result.SUCCESS else None
        world.end(task_id, result, map_length=length)
    finally:
        world.attempts |= others


def test_a_task_becomes_as_many_as_there_are_items_in_the_commit_of_the_end_before_it() -> None:
    world = World(MAPPED)
    world.trigger()
    changes = world.end("a", map_length=3)
    assert told(changes)[:3] == ["a: queued -> running", "a: running -> success", "m x 3"]
    assert rows(world, "m") == {0: "queued", 1: "queued", 2: "queued"}
    assert rows(world, "reduce") == {-1: "none"}
    for index in range(3):
        end(world, "m", index)
    assert rows(world, "reduce") == {-1: "queued"}
    world.end("reduce")
    assert world.run_state() == "success"


def test_nothing_to_expand_over_skips_and_no_value_fails() -> None:
    empty, none = World(MAPPED), World(MAPPED)
    for world in (empty, none):
        world.trigger()
    empty.end("a", map_length=0)
    assert (rows(empty, "m"), rows(empty, "reduce")) == ({-1: "skipped"}, {-1: "skipped"})
    none.end("a")
    assert rows(none, "m") == {-1: "upstream_failed"}


@pytest.mark.parametrize("rule", [TriggerRule.ALL_DONE, TriggerRule.NONE_FAILED])
@pytest.mark.parametrize(
    ("result", "state"),
    [(Result.FAILED, "upstream_failed"), (Result.SKIPPED, "skipped")],
)
def test_what_it_is_expanded_over_must_succeed_whatever_its_rule(
    rule: TriggerRule, result: Result, state: str
) -> None:
    world = World(dag(task("a"), task("m", "a", expansion=OVER_A, trigger_rule=rule)))
    world.trigger()
    world.end("a", result)
    assert rows(world, "m") == {-1: state}


def test_a_rule_that_passes_early_waits_for_the_items() -> None:
    rule = TriggerRule.ONE_SUCCESS
    world = World(
        dag(task("a"), task("b"), task("m", "a", "b", expansion=OVER_A, trigger_rule=rule))
    )
    world.trigger()
    world.end("b")
    assert rows(world, "m") == {-1: "none"}
    lines = explain(world.fleet, TaskKey("d", "r", "m"), world.now)
    assert ("items_are_known", "wait") in [line[:2] for line in lines]
    world.end("a", map_length=2)
    assert rows(world, "m") == {0: "queued", 1: "queued"}


def test_what_the_plan_tells_is_expanded_when_the_run_is_made() -> None:
    world = World(dag(task("a"), task("m", "a", expansion=literal(2, 3)), task("z", "m")))
    world.trigger()
    assert rows(world, "m") == dict.fromkeys(range(6), "none")
    world.end("a", Result.FAILED)
    assert rows(world, "m") == dict.fromkeys(range(6), "upstream_failed")
    assert rows(world, "z") == {-1: "upstream_failed"}


def test_lengths_of_zips_and_concatenations() -> None:
    a, b = (Source("xcom", task_id=name, key="return_value") for name in "ab")
    expected = {
        Source("zip", of=(a, b)): 2,
        Source("zip", of=(a, b), fills=True): 3,
        Source("concat", of=(a, b)): 5,
        Source("map", of=(a,)): 3,
    }
    for source, length in expected.items():
        expansion = Expansion(kwargs=source)
        world = World(dag(task("a"), task("b"), task("m", "a", "b", expansion=expansion)))
        world.trigger()
        world.end("a", map_length=3)
        world.end("b", map_length=2)
        assert len(rows(world, "m")) == length, source


def test_values_of_a_mapped_task_are_items_of_the_next() -> None:
    over_m = Expansion(arguments=(("y", Source("xcom", task_id="m", key="return_value")),))
    world = World(
        dag(
            task("a"),
            task("m", "a", expansion=OVER_A),
            task("n", "m", expansion=over_m, trigger_rule=TriggerRule.ALL_DONE),
        )
    )
    world.trigger()
    world.end("a", map_length=3)
    end(world, "m", 0)
    end(world, "m", 1, Result.SKIPPED)
    assert rows(world, "n") == {-1: "none"}
    end(world, "m", 2)
    assert len(rows(world, "n")) == 2, "one of three pushed nothing"


def test_inside_a_group_each_index_goes_its_own_way() -> None:
    world = World(GROUP)
    world.trigger()
    world.end("a", map_length=3)
    assert rows(world, "g.one") == dict.fromkeys(range(3), "queued")
    assert rows(world, "g.two") == dict.fromkeys(range(3), "none")
    end(world, "g.one", 1)
    end(world, "g.one", 2, Result.FAILED)
    assert rows(world, "g.two") == {0: "none", 1: "queued", 2: "upstream_failed"}
    assert rows(world, "after") == {-1: "upstream_failed"}
    end(world, "g.one", 0, Result.SKIPPED)
    assert rows(world, "g.two") == {0: "skipped", 1: "queued", 2: "upstream_failed"}


def test_a_rule_that_some_satisfy_sees_the_whole_group_until_it_is_expanded() -> None:
    rule = TriggerRule.ONE_FAILED
    snapshot = dag(
        task("a"),
        task("g.one", "a", group_id="g"),
        task("g.two", "g.one", group_id="g", trigger_rule=rule),
        groups=(GroupPlan(group_id="g", expansion=OVER_A),),
    )
    none, some = World(snapshot), World(snapshot)
    for world in (none, some):
        world.trigger()
        world.end("a", map_length=2)
        assert rows(world, "g.two") == {-1: "none"}
        end(world, "g.one", 0)
    end(none, "g.one", 1)
    assert rows(none, "g.two") == {-1: "skipped"}
    end(some, "g.one", 1, Result.FAILED)
    assert rows(some, "g.two") == {0: "skipped", 1: "queued"}


@pytest.mark.parametrize("length", [1, 2, 3, 5])
def test_another_length_the_next_time_adds_or_removes_task_instances(length: int) -> None:
    world = World(MAPPED)
    world.trigger()
    world.end("a", map_length=3)
    world.run_all()
    assert world.run_state() == "success"
    assert world.command(ClearTasks(dag_id="d", run_ids=("r",))).applied
    world.end("a", map_length=length)
    expected = {index: "queued" for index in range(length)}
    gone = {index: "removed" for index in range(length, 3)}
    assert rows(world, "m") == expected | gone
    world.run_all()
    assert (world.run_state(), rows(world, "reduce")) == ("success", {-1: "success"})


def test_what_was_removed_comes_back_with_its_item() -> None:
    world = World(MAPPED)
    world.trigger()
    for length in (3, 0, 2):
        world.end("a", map_length=length)
        world.run_all()
        world.command(ClearTasks(dag_id="d", run_ids=("r",)))
    world.end("a", map_length=3)
    assert rows(world, "m") == {0: "queued", 1: "queued", 2: "queued"}


def test_a_large_expansion_is_made_in_slices_that_a_restart_goes_on_with() -> None:
    length = 5 * SLICE
    world = World(MAPPED, slots=4)
    world.trigger()
    world.start("a")
    token = world.attempt("a").token
    outcome = Outcome(result=Result.SUCCESS, end_date=world.now, map_length=length)
    world.turn(AttemptEnded(token, outcome))
    assert 1 < len(rows(world, "m")) < length
    assert world.rows[-1] < 5 * SLICE
    world.rebuild()
    world.turn(SlotsChanged("LocalExecutor", 4))
    while world.has_more:
        world.turn()
    assert len(rows(world, "m")) == length
    assert len(world.attempts) == 4
    assert max(world.rows) < 5 * SLICE
    world.run_all()
    assert world.run_state() == "success"


def test_a_restart_right_after_the_expansion_knows_how_many_there_are_to_be() -> None:
    world = World(GROUP)
    world.trigger()
    world.end("a", map_length=3)
    end(world, "g.one", 0)
    world.rebuild()
    end(world, "g.one", 1, Result.FAILED)
    assert rows(world, "g.two") == {0: "queued", 1: "upstream_failed", 2: "none"}
    assert rows(world, "after") == {-1: "upstream_failed"}


def test_single_map_indexes_are_cleared_with_their_line_in_the_group_and_all_that_is_after() -> (
    None
):
    world = World(GROUP)
    world.trigger()
    world.end("a", map_length=2)
    world.run_all()
    clear = ClearTasks(
        dag_id="d", run_ids=("r",), instances=(("g.one", 1),), include_downstream=True, dry_run=True
    )
    answer = world.command(clear)
    named = [tuple(place[1:]) for place in answer.result["task_instances"]]
    assert named == [("g.one", 1), ("g.two", 1), ("after", -1)]
    nobody = world.command(ClearTasks(dag_id="d", run_ids=("r",), instances=(("g.one", 7),)))
    assert nobody.status == 404


def test_limits_of_a_task_count_its_mapped_instances() -> None:
    for name in ("max_active_tis_per_dag", "max_active_tis_per_dagrun"):
        mapped = task("m", expansion=literal(5), **{name: 2})
        world = World(dag(mapped, task("z", "m")))
        world.trigger()
        assert sorted(rows(world, "m").values()) == ["queued"] * 2 + ["scheduled"] * 3
        end(world, "m", 0)
        assert list(rows(world, "m").values()).count("queued") == 2


def test_what_waits_goes_with_the_source_that_is_marked_failed_after_the_expansion() -> None:
    world = World(GROUP)
    world.trigger()
    world.end("a", map_length=2)
    world.command(MarkTask(dag_id="d", run_id="r", task_id="a", state=TaskState.FAILED))
    assert rows(world, "g.one") == {0: "queued", 1: "queued"}
    assert rows(world, "g.two") == {0: "upstream_failed", 1: "upstream_failed"}


def test_the_last_instance_of_each_expanded_task_is_made_in_the_decision_that_expands_it() -> None:
    length = 3 * SLICE
    world = World(GROUP, slots=4)
    world.trigger()
    world.start("a")
    outcome = Outcome(result=Result.SUCCESS, end_date=world.now, map_length=length)
    world.turn(AttemptEnded(world.attempt("a").token, outcome))
    for name in ("g.one", "g.two"):
        assert max(rows(world, name)) in (-1, length - 1)

"""Forking: a new run that shares what was done in another, up to the tasks it begins with."""

from typing import Any

import pytest

from tests.core.test_mapping import GROUP, MAPPED
from tests.core.world import World, dag, task
from tradewind.model.attempts import Result
from tradewind.model.changes import TaskChanged
from tradewind.model.commands import ClearTasks, ForkRun
from tradewind.model.keys import CHOICE, RunKey, TaskKey

CHAIN = dag(task("a"), task("b", "a"), task("c", "b"), task("side"))


def fork(world: World, *task_ids: str, **fields: Any) -> Any:
    fields = {"run_after": world.now, "run_id": "r", "new_run_id": "f", **fields}
    return world.command(ForkRun(dag_id="d", task_ids=task_ids, **fields))


def finished(snapshot: Any = CHAIN, **how: Any) -> World:
    world = World(snapshot)
    world.trigger(**how)
    world.run_all()
    return world


def ran(world: World) -> list[str]:
    """Run what is to run, and say what did."""
    done: list[str] = []

    def succeed(attempt: Any) -> Result:
        done.append(attempt.key.task_id)
        return Result.SUCCESS

    world.run_all(succeed)
    return done


def test_a_fork_runs_from_the_chosen_task_on_and_shares_the_rest() -> None:
    world = finished(conf={"x": 1})
    world.xcoms[TaskKey("d", "r", "a"), "return_value"] = 7
    world.xcoms[TaskKey("d", "r", "b"), "return_value"] = 8

    answer = fork(world, "b")

    assert answer.result == {
        "run_id": "f",
        "shared": [["r", "a", -1], ["r", "side", -1]],
        "task_ids": ["b", "c"],
    }
    assert world.runs[RunKey("d", "f")].conf == {"x": 1}
    assert world.xcoms[TaskKey("d", "f", "a"), "return_value"] == 7
    assert (TaskKey("d", "f", "b"), "return_value") not in world.xcoms
    assert ran(world) == ["b", "c"]
    assert world.run_state("f") == world.run_state("r") == "success"
    assert world.row("a", "f").start_date == world.row("a", "r").start_date
    reasons = [
        change.reason
        for change in world.log
        if isinstance(change, TaskChanged) and change.task.key == ("d", "f", "a", -1)
    ]
    assert reasons == ["shared with run r"]


def test_a_dry_run_says_the_same_and_makes_nothing() -> None:
    world = finished()
    would = fork(world, "b", dry_run=True)
    assert world.run_ids() == ["r"]
    assert would.result == fork(world, "b").result


def test_what_would_be_shared_must_have_ended() -> None:
    world = World(CHAIN)
    world.trigger()
    world.start("a")
    refused = fork(world, "b")
    assert (refused.applied, refused.status) == (False, 409)
    assert refused.reason == "tasks of run r that would be shared have not ended: a, side"
    assert world.run_ids() == ["r"]
    assert fork(world, "a", "side").applied


def test_it_is_refused_for_what_does_not_exist_and_for_names_that_are_taken() -> None:
    world = finished()
    assert fork(world, "nothing").status == 404
    assert fork(world, "b", run_id="nothing").status == 404
    assert fork(world, "b", new_run_id="r").status == 409
    assert fork(world).status == 400
    assert world.run_ids() == ["r"]


def test_a_task_that_the_old_run_does_not_have_runs_with_all_after_it() -> None:
    world = finished()
    world.load(dag(task("a"), task("b", "a"), task("new", "a"), task("c", "new"), version=2))
    assert fork(world, "c").result["task_ids"] == ["new", "c"]
    assert ran(world) == ["new", "c"]
    assert world.states("f") == dict.fromkeys(("a", "b", "new", "c"), "success")


def test_a_failure_that_is_shared_counts() -> None:
    world = World(CHAIN)
    world.trigger()
    world.run_all(lambda attempt: Result.FAILED if attempt.key.task_id == "a" else Result.SUCCESS)
    assert fork(world, "b").applied
    assert ran(world) == []
    assert world.states("f") == world.states("r")
    assert world.run_state("f") == "failed"


@pytest.mark.parametrize(("snapshot", "last"), [(MAPPED, "reduce"), (GROUP, "after")])
def test_mapped_tasks_are_shared_with_all_their_instances(snapshot: Any, last: str) -> None:
    world = World(snapshot)
    world.trigger()
    world.end("a", map_length=3)
    world.run_all()
    assert fork(world, last).applied
    assert ran(world) == [last]
    old = {key[2:]: row.state for key, row in world.tasks.items() if key.run_id == "r"}
    new = {key[2:]: row.state for key, row in world.tasks.items() if key.run_id == "f"}
    assert old == new
    assert sum(key[1] >= 0 for key in new) == 3 * (len(snapshot.plan.tasks) - 2)


def test_half_of_a_mapped_group_is_shared() -> None:
    world = World(GROUP)
    world.trigger()
    world.end("a", map_length=2)
    world.run_all()
    assert fork(world, "g.two").result["task_ids"] == ["g.two", "after"]
    assert ran(world) == ["g.two", "g.two", "after"]
    assert world.run_state("f") == "success"


def test_a_choice_is_shared_and_a_fleet_made_anew_knows_it() -> None:
    world = finished()
    world.xcoms[TaskKey("d", "r", "a"), CHOICE] = {"skipped": ["c"]}
    world.rebuild()
    fork(world, "b")
    told = world.fleet.runs[RunKey("d", "f")].choices
    assert told == {("a", -1): {"skipped": ["c"]}}
    assert world.rebuild().runs[RunKey("d", "f")].choices == told


def test_what_is_shared_can_be_cleared_in_the_fork_alone() -> None:
    world = finished()
    fork(world, "b")
    ran(world)
    assert world.command(ClearTasks(dag_id="d", run_ids=("f",), task_ids=("a",))).applied
    assert ran(world) == ["a"]
    assert (world.row("a", "f").try_number, world.row("a", "r").try_number) == (2, 1)

"""Unfinished runs take the newest version of their DAG."""

from datetime import timedelta
from typing import Any

import pytest

from tests.core.test_mapping import OVER_A, literal
from tests.core.world import NOON, World, dag, task
from tradewind.model import changes as c
from tradewind.model.attempts import Result
from tradewind.model.commands import PatchRun
from tradewind.model.deferral import Deferral
from tradewind.model.events import SlotsChanged
from tradewind.model.keys import RunKey, TaskKey
from tradewind.model.plan import TaskPlan
from tradewind.model.snapshots import DagSnapshot
from tradewind.model.states import RunState, TaskState

KEY = RunKey("d", "r")


def version(number: int, *tasks: TaskPlan, **fields: Any) -> DagSnapshot:
    return dag(*tasks, version=number, code_hash=f"c{number}", **fields)


def moved(world: World) -> int:
    """The version that the run has in memory, which is that of its row."""
    in_memory = world.fleet.runs[KEY].index.version
    assert world.runs[KEY].version == in_memory
    return in_memory


def both_ways(world: World) -> World:
    """The same with what a scheduler that starts anew would know."""
    world.fleet = world.rebuild()
    world.give(SlotsChanged("LocalExecutor", 100))
    return world


def test_new_tasks_come_and_run() -> None:
    world = World(version(1, task("a"), task("b", "a")))
    world.trigger()
    world.load(version(2, task("a"), task("new", "a"), task("b", "a", "new")))
    assert moved(world) == 2
    world.end("a")
    assert world.states() == {"a": "success", "b": "none", "new": "queued"}
    world.run_all()
    assert (world.run_state(), world.states()["b"]) == ("success", "success")


def test_a_task_that_is_gone_is_removed_and_nothing_waits_for_it() -> None:
    world = World(version(1, task("a"), task("gone", "a"), task("b", "gone")))
    world.trigger()
    world.load(version(2, task("a"), task("b", "a")))
    assert world.states() == {"a": "queued", "b": "none", "gone": "removed"}
    world.run_all()
    assert world.states() == {"a": "success", "b": "success", "gone": "removed"}
    assert world.run_state() == "success"


def test_one_that_runs_is_ended_and_its_slot_is_free() -> None:
    world = World(version(1, task("gone"), task("b")), slots=1)
    world.trigger()
    world.start("gone")
    assert world.states() == {"gone": "running", "b": "scheduled"}
    world.load(version(2, task("b")))
    assert world.states() == {"gone": "removed", "b": "queued"}
    assert len(world.killed) == 1
    world.run_all()
    assert (world.run_state(), world.states()["gone"]) == ("success", "removed")


def test_what_had_become_of_one_that_is_gone_counts_no_more() -> None:
    world = World(version(1, task("failed"), task("b"), task("c", "failed", "b")))
    world.trigger()
    world.end("failed", Result.FAILED)
    assert world.states()["c"] == "upstream_failed"
    world.load(version(2, task("b")))
    world.run_all()
    assert world.states() == {"failed": "removed", "b": "success", "c": "removed"}
    assert world.run_state() == "success"


@pytest.mark.parametrize("anew", [False, True])
def test_a_task_that_comes_back_is_there_again(anew: bool) -> None:
    world = World(version(1, task("a"), task("back", "a"), task("done")))
    world.trigger()
    world.end("done")
    world.load(version(2, task("a")))
    assert world.states() == {"a": "queued", "back": "removed", "done": "removed"}
    if anew:
        both_ways(world)
    again = (task("a"), task("back", "a"), task("done"), task("last", "back", "done"))
    world.load(version(3, *again))
    assert world.states() == {"a": "queued", "back": "none", "done": "queued", "last": "none"}
    world.run_all()
    assert set(world.states().values()) == {"success"}
    assert [world.row(name).try_number for name in ("back", "done")] == [1, 2]


def test_other_dependencies_and_rules_count_from_now_on() -> None:
    world = World(version(1, task("a"), task("b"), task("c", "a", "b")))
    world.trigger()
    world.end("a")
    world.load(version(2, task("a"), task("b"), task("c", "a")))
    assert world.states()["c"] == "queued"


def test_a_queued_run_takes_it_too() -> None:
    world = World(version(1, task("a"), max_active_runs=1))
    world.trigger("first")
    world.trigger()
    world.load(version(2, task("b"), max_active_runs=1))
    assert world.states() == {"a": "removed", "b": "none"}
    world.run_all()
    assert (world.run_state(), world.states()["b"]) == ("success", "success")


def test_what_is_under_way_goes_on_and_holds_its_slots_where_it_took_them() -> None:
    world = World(
        version(1, task("a", pool="p"), task("b", pool="p"), task("z", "a")),
        pools={"p": 1, "q": 1},
    )
    world.trigger()
    world.start("a")
    assert world.states()["b"] == "scheduled"
    world.load(version(2, task("a", pool="q"), task("b", pool="p"), task("z", "a")))
    assert world.states() == {"a": "running", "b": "queued", "z": "none"}
    world.end("a")
    assert world.states()["z"] == "queued"
    world.run_all()
    assert world.run_state() == "success"
    world.trigger("next")
    assert set(world.states("next").values()) == {"queued", "none"}


def test_what_is_deferred_goes_on_waiting() -> None:
    world = World(version(1, task("a"), task("gone")))
    world.trigger()
    deferral = Deferral(classpath="m.T", kwargs={}, method="resume", timeout_s=60.0)
    for name in ("a", "gone"):
        world.start(name)
        world.end(name, deferral=deferral)
    world.load(version(2, task("a"), task("b", "a")))
    assert world.states() == {"a": "deferred", "gone": "removed", "b": "none"}
    assert [key.task_id for key in world.waiting] == ["a"]
    world.wait(seconds=61)
    assert world.states()["a"] == "queued"


def test_a_retry_waits_on() -> None:
    world = World(version(1, task("a", retries=1, retry_delay_s=60.0)))
    world.trigger()
    world.end("a", Result.FAILED)
    world.load(version(2, task("a", retries=5, retry_delay_s=60.0), task("b", "a")))
    assert (world.states()["a"], world.row("a").max_tries) == ("up_for_retry", 1)
    world.wait(seconds=60)
    assert world.states()["a"] == "queued"


def test_a_new_timeout_counts() -> None:
    world = World(version(1, task("a")))
    world.trigger()
    world.wait(seconds=30)
    world.load(version(2, task("a"), dagrun_timeout_s=60.0))
    world.wait(seconds=29)
    assert world.run_state() == "running"
    world.wait(seconds=1)
    assert world.run_state() == "failed"


# --- mapped tasks -------------------------------------------------------------------------------


def indexes(world: World, task_id: str = "m") -> dict[int, str]:
    return {
        key.map_index: row.state.value for key, row in world.tasks.items() if key.task_id == task_id
    }


def test_an_expanded_task_stays_expanded() -> None:
    world = World(version(1, task("a"), task("m", "a", expansion=OVER_A), task("z", "m")))
    world.trigger()
    world.end("a", map_length=2)
    world.load(version(2, task("a"), task("m", "a", expansion=OVER_A), task("y", "m")))
    assert indexes(world) == {0: "queued", 1: "queued"}
    assert world.states()["y"] == "none"
    world.run_all()
    assert world.states()["y"] == "success"
    assert world.run_state() == "success"


def test_other_literal_items_make_more_or_fewer_of_it() -> None:
    world = World(version(1, task("m", expansion=literal(3))))
    world.trigger()
    world.load(version(2, task("m", expansion=literal(2))))
    assert indexes(world) == {0: "queued", 1: "queued", 2: "removed"}
    world.load(version(3, task("m", expansion=literal(4))))
    assert indexes(world) == dict.fromkeys(range(4), "queued")


def test_one_that_has_begun_as_one_keeps_the_run_on_its_version() -> None:
    world = World(version(1, task("a"), task("m")))
    world.trigger()
    world.load(version(2, task("a"), task("m", "a", expansion=OVER_A)))
    assert moved(world) == 1
    world.end("m")
    world.end("a")
    assert (world.run_state(), world.runs[KEY].version) == ("success", 1)


def test_one_that_has_not_begun_becomes_many() -> None:
    world = World(version(1, task("a"), task("m", "a")))
    world.trigger()
    world.load(version(2, task("a"), task("m", "a", expansion=OVER_A)))
    assert moved(world) == 2
    world.end("a", map_length=2)
    assert indexes(world) == {0: "queued", 1: "queued"}


def test_one_that_has_not_begun_becomes_many_of_literal_items_in_a_later_scheduler() -> None:
    world = World(version(1, task("a"), task("m", "a"), max_active_runs=1))
    world.trigger("first")
    world.trigger()
    world.load(version(2, task("a"), task("m", "a", expansion=literal(2)), max_active_runs=1))
    both_ways(world)
    world.run_all()
    assert indexes(world)[0] == "success"
    assert world.run_state() == "success"
    assert sorted(key.map_index for key in world.tasks if key[1:3] == ("r", "m")) == [0, 1]


# --- what keeps a run, for a while or for good ---------------------------------------------------


def test_a_version_that_cannot_be_run_is_passed_over() -> None:
    world = World(version(1, task("a"), task("b", "a")))
    world.trigger()
    world.load(version(2, task("a", unsupported=("telepathy",)), task("b", "a")))
    assert moved(world) == 1
    world.load(version(3, task("a"), task("c", "a")))
    assert moved(world) == 3


def test_a_run_that_is_being_ended_takes_it_afterwards() -> None:
    many = [task(f"t{number}") for number in range(500)]
    world = World(version(1, *many), slots=600, pools={"default_pool": 1000})
    world.trigger()
    world.command(PatchRun(dag_id="d", run_id="r", state=RunState.FAILED))
    world.load(version(2, task("t0")))
    world.run_killed()
    assert world.run_state() == "failed"
    assert world.runs[KEY].version == 1


def test_a_cleared_run_takes_it() -> None:
    world = World(version(1, task("a"), task("b", "a")))
    world.trigger()
    world.run_all()
    world.load(version(2, task("a"), task("b", "a"), task("c", "b")))
    assert world.runs[KEY].version == 1
    world.command(PatchRun(dag_id="d", run_id="r", state=RunState.QUEUED))
    assert moved(world) == 2
    world.run_all()
    assert set(world.states().values()) == {"success"}
    assert set(world.states()) == {"a", "b", "c"}


def test_a_new_scheduler_moves_what_the_last_one_did_not() -> None:
    world = World(version(1, task("a"), task("b", "a")))
    world.trigger()
    world.dags["d"] = version(2, task("a"), task("c", "a"))
    world.plans["d", 2] = world.dags["d"].plan
    world.fleet = world.rebuild()
    world.wait(seconds=1)
    assert moved(world) == 2
    assert world.states() == {"a": "queued", "b": "removed", "c": "none"}


def test_many_runs_are_moved_in_slices() -> None:
    world = World(version(1, *(task(f"t{n}") for n in range(20)), max_active_runs=1))
    for number in range(100):
        world.trigger(f"r{number}", logical_date=NOON - timedelta(hours=number))
    world.rows.clear()
    world.load(version(2, *(task(f"u{n}") for n in range(20)), max_active_runs=1))
    assert max(world.rows) < 500
    assert {run.version for run in world.runs.values()} == {2}


def test_a_task_that_looks_back_from_now_on_finds_the_run_before() -> None:
    world = World(version(1, task("a"), catchup=False))
    for day in (0, 1):
        world.trigger(f"r{day}", logical_date=NOON - timedelta(days=2 - day))
        if day == 0:
            world.end("r0/a", Result.FAILED)
    both_ways(world)
    world.load(
        version(2, task("a"), task("b", "a"), task("c"), catchup=False),
    )
    looks_back = task("a", depends_on_past=True)
    world.end("r1/a", Result.FAILED)
    world.load(version(3, looks_back, task("b", "a"), task("c"), catchup=False))
    world.trigger("r2", logical_date=NOON)
    assert world.states("r2")["a"] == "none"
    assert world.tasks[TaskKey("d", "r1", "c")].state is TaskState.QUEUED


def test_its_reason_is_in_the_log() -> None:
    world = World(version(1, task("a"), task("b")))
    world.trigger()
    world.load(version(2, task("a")))
    said = [one.reason for one in world.log if isinstance(one, c.RunChanged | c.TaskChanged)]
    assert "its DAG has version 2 now" in said
    assert "its task is no longer in the DAG" in said

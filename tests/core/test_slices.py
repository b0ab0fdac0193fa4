"""Much work is done in slices: no turn writes many rows, nobody starves, and a crash loses none."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.core.world import DAILY, NOON, World, dag, task
from tradewind.core.turn import SLICE
from tradewind.model.attempts import Attempt, Result
from tradewind.model.commands import (
    ClearTasks,
    Command,
    CreateBackfill,
    MarkTask,
    PatchBackfill,
    PatchRun,
    TriggerRun,
)
from tradewind.model.events import AttemptEnded, CommandGiven, Outcome, SlotsChanged
from tradewind.model.keys import TaskKey
from tradewind.model.plan import TriggerRule
from tradewind.model.snapshots import DagSnapshot
from tradewind.model.states import RunState, TaskState

MANY = 1000
MOST_ROWS = 4 * SLICE
WIDE = dag(*(task(f"t{number}") for number in range(MANY)), max_active_tasks=9999)
EMPTY = dag(*(task(f"t{number}", runs=False) for number in range(MANY)))
FAN = dag(
    task("start"),
    *(task(f"t{number}", "start") for number in range(MANY)),
    task("end", *(f"t{number}" for number in range(MANY)), trigger_rule=TriggerRule.ALL_DONE),
    max_active_tasks=9999,
)


def crash(world: World) -> None:
    """Another scheduler takes over from the rows."""
    world.epoch += 1
    world.rebuild()
    world.turn(SlotsChanged("LocalExecutor", 100))


def give_in_turns(world: World, command: Command, *, crashes: bool) -> int:
    """Have a command carried out; how many turns it took. With `crashes` after each of them."""
    turns = 1
    world.turn(CommandGiven("long", command))
    while world.has_more:
        if crashes:
            crash(world)
        world.turn()
        turns += 1
    assert world.answers["long"].applied
    return turns


def check_rows(world: World) -> None:
    assert max(world.rows) <= MOST_ROWS


@pytest.mark.parametrize("crashes", [False, True])
@pytest.mark.parametrize("plan", [WIDE, EMPTY], ids=["wide", "nothing to execute"])
def test_a_large_run_is_made_and_begun_in_slices(plan: DagSnapshot, crashes: bool) -> None:
    world = World(plan)

    turns = give_in_turns(
        world, TriggerRun(dag_id="d", run_id="r", run_after=NOON), crashes=crashes
    )

    assert turns >= MANY / SLICE / 2
    assert len(world.tasks) == MANY
    check_rows(world)
    started = 0
    while world.attempts:
        started += 1
        world.end(next(iter(world.attempts.values())).key.task_id)
    assert started == (MANY if plan is WIDE else 0)
    assert world.run_state() == "success"
    check_rows(world)


def test_a_fan_out_and_its_fan_in() -> None:
    world = World(FAN, slots=9999, pools={"default_pool": 9999})
    world.trigger()
    world.turn(ended(world, "start"))
    while world.has_more:
        world.turn()
    assert len(world.attempts) == MANY

    world.run_all()

    assert world.run_state() == "success"
    check_rows(world)


def ended(world: World, task_id: str) -> Any:
    return AttemptEnded(
        world.attempt(task_id).token, Outcome(result=Result.SUCCESS, end_date=world.now)
    )


def test_a_small_run_goes_on_while_a_large_one_is_made() -> None:
    small = dag(*(task(name, runs=False) for name in "abc"), dag_id="small")
    chain = dag(task("a"), task("b", "a"), dag_id="chain")
    world = World(EMPTY, small, chain)
    world.turn(CommandGiven("1", TriggerRun(dag_id="d", run_id="r", run_after=NOON)))
    world.turn(CommandGiven("2", TriggerRun(dag_id="small", run_id="r", run_after=NOON)))
    assert world.run_state(dag_id="small") == "success"
    world.turn(CommandGiven("3", TriggerRun(dag_id="chain", run_id="r", run_after=NOON)))
    world.turn(ended(world, "a"))
    world.turn(ended(world, "b"))
    assert world.run_state(dag_id="chain") == "success"

    assert world.run_state() != "success"
    while world.has_more:
        world.turn()
    assert world.run_state() == "success"


def finished(plan: DagSnapshot, outcome: Callable[[Attempt], Result] | None = None) -> World:
    world = World(plan, slots=9999, pools={"default_pool": 9999})
    world.trigger()
    world.run_all(outcome or (lambda _: Result.SUCCESS))
    return world


@pytest.mark.parametrize("crashes", [False, True])
@pytest.mark.parametrize(
    "command",
    [
        ClearTasks(dag_id="d", run_ids=("r",)),
        PatchRun(dag_id="d", run_id="r", state=RunState.QUEUED),
    ],
    ids=["clear", "mark queued"],
)
def test_clearing_very_many(command: Command, crashes: bool) -> None:
    world = finished(WIDE)
    world.rows.clear()

    turns = give_in_turns(world, command, crashes=crashes)

    assert turns >= MANY / SLICE / 2
    check_rows(world)
    assert world.runs[TaskKey("d", "r", "t0").run].clear_number == 1
    world.run_all()
    assert world.run_state() == "success"
    assert {row.try_number for row in world.tasks.values()} == {2}, "each was run once more"
    assert len(world.history) == MANY


def test_what_is_told_of_a_large_clear_is_all_of_it() -> None:
    world = finished(WIDE)
    give_in_turns(world, ClearTasks(dag_id="d", run_ids=("r",)), crashes=True)
    told = world.answers["long"].result["task_instances"]
    assert [task_id for _, task_id, _ in told] == [f"t{number}" for number in range(MANY)]


def test_a_chain_that_is_being_cleared_starts_at_its_head() -> None:
    names = [f"t{number:04}" for number in range(MANY)]
    chain = dag(*(task(name, *names[max(0, at - 1) : at]) for at, name in enumerate(names)))
    world = World(chain)
    world.trigger()
    for name in names[:-1]:
        world.turn(ended(world, name))

    world.turn(CommandGiven("clear", ClearTasks(dag_id="d", run_ids=("r",))))
    order = [attempt.key.task_id for attempt in world.attempts.values()]
    while world.has_more or world.killed:
        if world.killed:
            world.run_all()
        world.turn()
    world.run_all()

    assert order[-1] == names[0]
    assert {row.try_number for row in world.tasks.values()} == {2}
    assert world.run_state() == "success"


@pytest.mark.parametrize("crashes", [False, True])
@pytest.mark.parametrize("state", [RunState.FAILED, RunState.SUCCESS])
def test_marking_a_large_run(state: RunState, crashes: bool) -> None:
    world = World(WIDE, slots=10)
    world.trigger()
    world.start("t0")
    world.rows.clear()

    turns = give_in_turns(world, PatchRun(dag_id="d", run_id="r", state=state), crashes=crashes)

    assert turns >= MANY / SLICE / 2
    check_rows(world)
    assert world.run_state() == state
    assert world.states()["t0"] == state.value
    assert set(world.states().values()) == {"skipped", state.value}


@pytest.mark.parametrize("crashes", [False, True])
@pytest.mark.parametrize("why", ["timeout", "fail_fast"])
def test_a_large_run_that_ends_early(why: str, crashes: bool) -> None:
    plan = dag(
        *(task(f"t{number}") for number in range(MANY)),
        fail_fast=why == "fail_fast",
        dagrun_timeout_s=60,
    )
    world = World(plan, slots=10)
    world.trigger()
    world.start("t0")
    world.start("t1")
    world.rows.clear()

    if why == "timeout":
        world.now += timedelta(minutes=2)
        world.turn()
    else:
        failed = Outcome(result=Result.FAILED, end_date=world.now)
        world.turn(AttemptEnded(world.attempt("t0").token, failed))
    while world.has_more:
        if crashes:
            crash(world)
        world.turn()

    check_rows(world)
    assert world.run_state() == "failed"
    ends = list(world.states().values())
    assert ends.count("failed") == (0 if why == "timeout" else 2)
    assert ends.count("skipped") == MANY - ends.count("failed")


@pytest.mark.parametrize("crashes", [False, True])
def test_cancelling_a_large_backfill(crashes: bool) -> None:
    world = World(dag(task("t"), schedule=DAILY))
    start = NOON - timedelta(days=MANY)
    world.command(CreateBackfill(dag_id="d", from_date=start, to_date=NOON - timedelta(days=2)))
    check_rows(world)
    made = len(world.runs)  # of these, one by the schedule
    assert made >= MANY - 1
    world.rows.clear()

    turns = give_in_turns(world, PatchBackfill(backfill_id=1, cancel=True), crashes=crashes)

    assert turns >= made / SLICE / 2
    check_rows(world)
    assert world.backfills[1].completed_at is not None
    assert len(world.run_ids(RunState.FAILED)) == made - 11
    world.run_all()
    assert len(world.run_ids(RunState.SUCCESS)) == 11


@pytest.mark.parametrize("crashes", [False, True])
def test_marking_a_task_of_which_very_many_had_failed(crashes: bool) -> None:
    world = World(FAN, slots=9999, pools={"default_pool": 9999})
    world.trigger()
    world.end("start", Result.FAILED)
    world.run_all()
    assert list(world.states().values()).count("upstream_failed") == MANY
    world.rows.clear()

    mark = MarkTask(dag_id="d", run_id="r", task_id="start", state=TaskState.SUCCESS)
    turns = give_in_turns(world, mark, crashes=crashes)

    assert turns >= MANY / SLICE / 2
    check_rows(world)
    assert world.answers["long"].result == {"task_instances": [["r", "start", -1]]}
    world.run_all()
    assert world.run_state() == "success"
    assert {row.try_number for row in world.tasks.values()} == {1}


def test_nothing_else_is_done_to_a_run_that_is_being_changed() -> None:
    world = finished(WIDE)
    world.turn(CommandGiven("long", ClearTasks(dag_id="d", run_ids=("r",))))
    for number, command in enumerate(
        (
            ClearTasks(dag_id="d", run_ids=("r",)),
            PatchRun(dag_id="d", run_id="r", state=RunState.FAILED),
            MarkTask(dag_id="d", run_id="r", task_id="t0"),
        )
    ):
        world.turn(CommandGiven(f"{number}", command))
        answer = world.answers[f"{number}"]
        assert (answer.status, answer.applied) == (409, False)
        assert "try again when that is done" in answer.reason
    while world.has_more:
        world.turn()
    world.run_all()
    assert world.run_state() == "success"


def test_a_run_half_made_that_is_marked_has_all_its_tasks() -> None:
    world = World(EMPTY)
    world.turn(CommandGiven("1", TriggerRun(dag_id="d", run_id="r", run_after=NOON)))
    assert len(world.tasks) < MANY
    world.command(PatchRun(dag_id="d", run_id="r", state=RunState.FAILED))
    assert set(world.states().values()) == {"skipped"}
    assert len(world.tasks) == MANY


def test_many_dags_due_at_once() -> None:
    dags = [
        dag(
            *(task(f"t{number}", runs=False) for number in range(30)),
            dag_id=f"d{number}",
            schedule=DAILY,
            start_date=NOON,
        )
        for number in range(200)
    ]
    world = World(*dags)
    world.rows.clear()

    world.wait(days=2)

    assert len(world.runs) == 200
    assert set(world.run_ids(RunState.SUCCESS)) == set(world.run_ids())
    check_rows(world)

"""States that users set by hand."""

import pytest

from tests.core.world import World, dag, task
from tradewind.model.attempts import Result
from tradewind.model.commands import MarkTask, PatchRun
from tradewind.model.states import RunState, TaskState

CHAIN = dag(task("a"), task("b", "a"), task("c", "b"))


def mark(task_id: str, state: TaskState = TaskState.SUCCESS, run_id: str = "r") -> MarkTask:
    return MarkTask(dag_id="d", run_id=run_id, task_id=task_id, state=state)


def patch(state: RunState | None = None, **fields: object) -> PatchRun:
    return PatchRun(dag_id="d", run_id="r", state=state, **fields)  # type: ignore[arg-type]


def started() -> World:
    world = World(CHAIN)
    world.trigger()
    world.start("a")
    return world


def test_marking_a_running_task_ends_it_and_the_run_goes_on() -> None:
    world = started()

    answer = world.command(mark("a"))

    assert answer.result == {"task_instances": [["r", "a", -1]]}
    assert world.states() == {"a": "success", "b": "queued", "c": "none"}
    assert [attempt.key.task_id for attempt in world.attempts.values()] == ["b"], "a was killed"


def test_success_gives_what_failed_downstream_another_chance() -> None:
    world = started()
    world.end("a", Result.FAILED)
    assert world.states() == {"a": "failed", "b": "upstream_failed", "c": "upstream_failed"}
    assert world.run_state() == "failed"

    world.command(mark("a"))

    assert world.states() == {"a": "success", "b": "queued", "c": "none"}
    assert world.run_state() == "running"


def test_marking_a_leaf_of_a_finished_run_leaves_the_run_alone() -> None:
    world = started()
    world.run_all()

    world.command(mark("c", TaskState.FAILED))

    assert (world.states()["c"], world.run_state()) == ("failed", "success")
    assert world.command(mark("c", TaskState.FAILED)).result == {"task_instances": []}


@pytest.mark.parametrize(
    ("state", "running"), [(RunState.SUCCESS, "success"), (RunState.FAILED, "failed")]
)
def test_ending_a_run_ends_what_runs_and_skips_the_rest(state: RunState, running: str) -> None:
    world = started()

    world.command(patch(state))

    assert world.states() == {"a": running, "b": "skipped", "c": "skipped"}
    assert world.run_state() == state.value
    assert world.attempts == {}
    assert world.fleet.runs == {}


def test_a_finished_run_changes_its_state_only() -> None:
    world = started()
    world.run_all()
    world.command(patch(RunState.FAILED))
    assert (world.run_state(), set(world.states().values())) == ("failed", {"success"})


def test_a_note() -> None:
    world = started()
    world.command(patch(note="look here", set_note=True))
    assert next(iter(world.runs.values())).note == "look here"
    world.command(patch(note=None, set_note=True))
    assert next(iter(world.runs.values())).note is None


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (mark("x"), 404),
        (mark("a", run_id="x"), 404),
        (mark("a", TaskState.RUNNING), 400),
        (patch(RunState.RUNNING), 400),
        (PatchRun(dag_id="d", run_id="x"), 404),
    ],
)
def test_refused(command: MarkTask | PatchRun, status: int) -> None:
    answer = started().command(command)
    assert (answer.applied, answer.status) == (False, status)

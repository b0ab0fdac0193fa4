"""States that users set by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.core.test_mapping import literal
from tests.core.world import NOON, World, dag, task
from tradewind.model.attempts import Result
from tradewind.model.changes import CommandAnswered, NoteWritten
from tradewind.model.commands import MarkTask, PatchRun
from tradewind.model.events import CommandGiven, SlotsChanged
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


# --- with relatives, other runs, notes -----------------------------------------------------------


def places(answer: CommandAnswered) -> list[tuple[object, ...]]:
    return [tuple(place) for place in answer.result["task_instances"]]


def test_with_what_is_upstream_and_downstream() -> None:
    world = World(dag(task("a"), task("b", "a"), task("c", "b"), task("d", "c"), task("z")))
    world.trigger()
    answer = world.command(replace(mark("b"), include_upstream=True, include_downstream=True))
    assert places(answer) == [("r", name, -1) for name in ("b", "a", "c", "d")]
    assert world.states() == {**dict.fromkeys("abcd", "success"), "z": "queued"}


def test_downstream_leaves_teardowns_to_run() -> None:
    down = task("down", "b", is_teardown=True, trigger_rule="all_done_setup_success")
    world = World(dag(task("a"), task("b", "a"), down))
    world.trigger()
    world.command(replace(mark("a", TaskState.FAILED), include_downstream=True))
    assert world.states() == {"a": "failed", "b": "failed", "down": "queued"}


def test_what_failed_downstream_of_a_relative_goes_on_too() -> None:
    world = started()
    world.end("a", Result.FAILED)
    world.command(replace(mark("b"), include_upstream=True))
    assert world.states() == {"a": "success", "b": "success", "c": "queued"}


def test_in_earlier_and_later_runs() -> None:
    world = World(CHAIN)
    for day in range(4):
        world.trigger(f"r{day}", logical_date=NOON - timedelta(days=4 - day))
    world.trigger("undated")
    world.command(PatchRun(dag_id="d", run_id="r0", state=RunState.FAILED))
    world.run_killed()
    past = world.command(replace(mark("b", run_id="r1"), include_past=True, dry_run=True))
    assert places(past) == [("r0", "b", -1), ("r1", "b", -1)]
    assert world.states("r0")["b"] == "skipped", "nothing was done"
    both = replace(mark("b", run_id="r1"), include_past=True, include_future=True)
    assert places(world.command(both)) == [(f"r{day}", "b", -1) for day in range(4)]
    assert {world.states(f"r{day}")["b"] for day in range(4)} == {"success"}
    assert world.states("undated")["b"] == "none"
    assert world.run_state("r0") == "failed"


def test_one_or_all_of_a_mapped_task() -> None:
    world = World(dag(task("m", expansion=literal(3)), task("z", "m")))
    world.trigger()
    assert places(world.command(replace(mark("m"), map_index=1))) == [("r", "m", 1)]
    assert places(world.command(replace(mark("m"), map_index=None))) == [
        ("r", "m", 0),
        ("r", "m", 2),
    ]
    assert world.states()["z"] == "queued"
    assert world.command(replace(mark("m"), map_index=9)).status == 404


def test_several_tasks() -> None:
    world = World(dag(task("a"), task("b"), task("c")))
    world.trigger()
    answer = world.command(replace(mark("a", TaskState.SKIPPED), task_ids=("c",)))
    assert places(answer) == [("r", "a", -1), ("r", "c", -1)]
    assert world.states() == {"a": "skipped", "b": "queued", "c": "skipped"}


def test_a_note_with_a_mark_or_alone() -> None:
    world = started()
    note = {"note": "look", "set_note": True}
    assert world.command(replace(mark("b"), state=None, **note)).result == {"task_instances": []}
    assert world.states()["b"] == "none"
    world.command(replace(mark("a"), note="by hand", set_note=True))
    world.command(replace(mark("a"), dry_run=True, **note))
    world.command(replace(mark("b"), state=None, note=None, set_note=True))
    noted = [(one.task.task_id, one.note) for one in world.log if isinstance(one, NoteWritten)]
    assert noted == [("b", "look"), ("a", "by hand"), ("b", None)]


def test_very_many_are_marked_in_slices() -> None:
    world = World(
        dag(*(task(f"t{n}") for n in range(300)), task("end", *(f"t{n}" for n in range(300)))),
        slots=10,
    )
    world.trigger()
    world.rows.clear()
    answer = world.command(replace(mark("end"), include_upstream=True))
    assert len(places(answer)) == 301
    assert max(world.rows) < 300
    assert world.run_state() == "success"


def test_half_marked_goes_on_in_the_next_scheduler() -> None:
    world = World(
        dag(*(task(f"t{n}") for n in range(300)), task("end", *(f"t{n}" for n in range(300)))),
        slots=10,
    )
    world.trigger()
    command = replace(mark("end"), include_upstream=True)
    world.turn(CommandGiven("mine", command))
    assert "mine" not in world.answers
    world.fleet = world.rebuild()
    world.give(SlotsChanged("LocalExecutor", 10))
    assert world.answers["mine"].applied
    assert world.run_state() == "success"

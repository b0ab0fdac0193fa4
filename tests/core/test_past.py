"""What depends on the run before: waits for it, is woken by it, and survives a restart."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.world import DAILY, NOON, World, dag, task
from tradewind.core.explain import explain
from tradewind.model.attempts import Result
from tradewind.model.commands import ClearTasks, CreateBackfill, MarkTask
from tradewind.model.events import SlotsChanged
from tradewind.model.keys import RunKey, TaskKey
from tradewind.model.snapshots import RunSnapshot
from tradewind.model.states import RunState, RunType, TaskState

DAY = timedelta(days=1)


def on_day(world: World, number: int) -> None:
    """Trigger the run of that day."""
    answer = world.trigger(f"r{number}", logical_date=NOON + number * DAY, run_after=world.now)
    assert answer.applied, answer.reason


def restart(world: World) -> None:
    """Another scheduler takes over."""
    world.rebuild()
    world.give(SlotsChanged("LocalExecutor", 100))


def succession(*, days: int = 2, **fields: Any) -> World:
    """`a` and `b`, one after the other; `b` looks back."""
    world = World(dag(task("a"), task("b", "a", depends_on_past=True, **fields)))
    for number in range(days):
        on_day(world, number)
    return world


def test_it_waits_until_it_has_succeeded_in_the_run_before() -> None:
    world = succession()
    world.end("r1/a")
    assert world.states("r1") == {"a": "success", "b": "none"}
    world.end("r0/a")
    assert world.states("r1")["b"] == "none"
    world.end("r0/b")
    assert world.states("r1")["b"] == "queued"
    world.end("r1/b")
    assert [world.run_state(run) for run in ("r0", "r1")] == ["success", "success"]


@pytest.mark.parametrize("result", [Result.SUCCESS, Result.SKIPPED])
def test_a_run_that_has_left_memory_still_counts(result: Result) -> None:
    world = succession(days=1)
    world.end("a")
    world.end("b", result)
    on_day(world, 1)
    world.end("a")
    assert world.states("r1")["b"] == "queued"


@pytest.mark.parametrize("is_rebuilt", [False, True])
def test_a_failure_holds_it_back_until_it_is_mended(is_rebuilt: bool) -> None:
    world = succession(days=1)
    world.end("a")
    world.end("b", Result.FAILED_FOR_GOOD)
    on_day(world, 1)
    world.end("a")
    if is_rebuilt:
        restart(world)
    assert world.states("r1")["b"] == "none"
    assert world.run_state("r1") == "running", "not a deadlock"
    gates = {gate: why for gate, _, why in explain(world.fleet, TaskKey("d", "r1", "b"), world.now)}
    assert "b is failed in the run before, r0" in gates["run_before"]

    world.command(ClearTasks(dag_id="d", run_ids=("r0",), task_ids=("b",)))
    assert world.states("r1")["b"] == "none"
    world.end("r0/b")
    assert world.states("r1")["b"] == "queued"


def test_marking_it_lets_the_next_go_on() -> None:
    world = succession(days=1)
    world.end("a")
    world.end("b", Result.FAILED_FOR_GOOD)
    on_day(world, 1)
    world.end("a")
    world.command(MarkTask(dag_id="d", run_id="r0", task_id="b", state=TaskState.SUCCESS))
    assert world.states("r1")["b"] == "queued"


def test_the_run_before_is_the_one_with_the_latest_earlier_date() -> None:
    world = succession(days=1)
    on_day(world, 5)
    world.end("r5/a")
    world.end("r0/a")
    on_day(world, 3)  # comes in between
    world.end("r0/b")
    assert world.states("r5")["b"] == "none"
    world.end("r3/a")
    world.end("r3/b")
    assert world.states("r5")["b"] == "queued"


def test_where_it_catches_up_runs_made_by_hand_do_not_count() -> None:
    world = World(dag(task("b", depends_on_past=True), catchup=True))
    on_day(world, 0)
    on_day(world, 1)
    assert world.states("r1")["b"] == "queued"


def test_runs_without_a_date_have_none_before_them() -> None:
    world = World(dag(task("b", depends_on_past=True)))
    on_day(world, 0)
    world.trigger("undated")
    assert world.states("undated")["b"] == "queued"


def test_it_may_wait_for_what_follows_it_too() -> None:
    late = dag(
        task("a", depends_on_past=True, wait_for_downstream=True), task("b", "a"), task("c", "b")
    )
    world = World(late)
    on_day(world, 0)
    on_day(world, 1)
    world.end("r0/a")
    assert world.states("r1")["a"] == "none"
    world.end("r0/b")
    assert world.states("r1")["a"] == "queued", "c is not directly downstream"


@pytest.mark.parametrize("ignores", [False, True])
def test_a_task_that_the_run_before_did_not_have(ignores: bool) -> None:
    world = World(dag(task("a")))
    on_day(world, 0)
    world.run_all()
    looks_back = task("b", depends_on_past=True, ignore_first_depends_on_past=ignores)
    world.load(dag(task("a"), looks_back, version=2))
    on_day(world, 1)
    assert world.states("r1")["b"] == ("queued" if ignores else "none")


def test_the_first_run_of_a_backfill_goes_ahead() -> None:
    world = World(
        dag(task("b", depends_on_past=True), schedule=DAILY, start_date=NOON - 30 * DAY), now=NOON
    )
    world.trigger("before", logical_date=NOON - 20 * DAY)
    world.end("before/b", Result.FAILED_FOR_GOOD)
    answer = world.command(
        CreateBackfill(
            dag_id="d",
            from_date=NOON - 10 * DAY,
            to_date=NOON - 8 * DAY,
            max_active_runs=10,
            reprocess_behavior="completed",
        )
    )
    assert answer.applied, answer.reason
    world.wait(seconds=1)
    states = [
        row.state.value for key, row in world.tasks.items() if key.run_id.startswith("backfill")
    ]
    assert states == ["queued", "none"]


def test_a_skip_waits_for_the_past_if_told_so() -> None:
    def skipping(**fields: bool) -> World:
        world = World(dag(task("a"), task("b", "a", depends_on_past=True, **fields)))
        for number in range(2):
            on_day(world, number)
        world.end("r1/a", Result.SKIPPED)
        return world

    assert skipping().states("r1")["b"] == "skipped"
    world = skipping(wait_for_past_depends_before_skipping=True)
    assert world.states("r1")["b"] == "none"
    world.end("r0/a")
    world.end("r0/b")
    assert world.states("r1")["b"] == "skipped"


# --- against an obvious evaluator -------------------------------------------------------------


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("day", "end", "end", "end", "fail", "skip", "clear", "mark", "rebuild")),
        st.integers(0, 6),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=150)
@given(
    steps=STEPS,
    catchup=st.booleans(),
    flags=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=3, max_size=3),
)
def test_it_goes_on_just_when_the_past_allows(
    steps: list[tuple[str, int]], catchup: bool, flags: list[tuple[bool, bool]]
) -> None:
    tasks = [
        task(
            f"t{number}",
            *([f"t{number - 1}"] if number else []),
            depends_on_past=past or downstream,
            wait_for_downstream=downstream,
        )
        for number, (past, downstream) in enumerate(flags)
    ]
    world = World(dag(*tasks, catchup=catchup))
    for step, number in steps:
        before = dict(world.tasks)
        _do(world, step, number)
        for key, row in world.tasks.items():
            was = before[key].state if key in before else TaskState.NONE
            went = was is TaskState.NONE and row.state in (TaskState.QUEUED, TaskState.SCHEDULED)
            if went:
                assert _past_allows(world, key, world.tasks) or _past_allows(world, key, before)
            if row.state is TaskState.NONE and world.runs[key.run].state is RunState.RUNNING:
                place = int(key.task_id[1:])
                above = key._replace(task_id=f"t{place - 1}")
                is_ready = not place or world.tasks[above].state is TaskState.SUCCESS
                assert not (is_ready and _past_allows(world, key, world.tasks)), f"{key} may go on"


def _do(world: World, step: str, number: int) -> None:
    attempts = sorted(world.attempts.values(), key=lambda attempt: attempt.key)
    match step:
        case "day":
            world.trigger(f"r{number}", logical_date=NOON + number * DAY, run_after=world.now)
        case "end" | "fail" | "skip" if attempts:
            key = attempts[number % len(attempts)].key
            results = {
                "end": Result.SUCCESS,
                "fail": Result.FAILED_FOR_GOOD,
                "skip": Result.SKIPPED,
            }
            world.end(f"{key.run_id}/{key.task_id}", results[step])
        case "clear" if world.runs:
            run = sorted(world.runs)[number % len(world.runs)].run_id
            world.command(ClearTasks(dag_id="d", run_ids=(run,), task_ids=(f"t{number % 3}",)))
            world.run_killed()
        case "mark" if world.runs:
            run = sorted(world.runs)[number % len(world.runs)].run_id
            state = (TaskState.SUCCESS, TaskState.FAILED)[number % 2]
            world.command(MarkTask(dag_id="d", run_id=run, task_id=f"t{number % 3}", state=state))
            world.run_killed()
        case "rebuild":
            restart(world)


def _past_allows(world: World, key: Any, rows: Any) -> bool:
    """By the plain words of the rule, from the rows alone."""
    plan = world.dags["d"].plan
    this = next(one for one in plan.tasks if one.task_id == key.task_id)
    if not this.depends_on_past:
        return True
    before = _run_before(world, world.runs[key.run], plan.catchup)
    if before is None:
        return True
    looked_at = [this.task_id]
    if this.wait_for_downstream:
        looked_at += [one.task_id for one in plan.tasks if this.task_id in one.upstream]
    fine = (TaskState.SUCCESS, TaskState.SKIPPED)
    return all(
        rows[key].state in fine
        for task_id in looked_at
        if (key := key._replace(run_id=before.run_id, task_id=task_id)) in rows
    )


def _run_before(world: World, run: RunSnapshot, catchup: bool) -> RunKey | None:
    earlier = [
        (other.logical_date, other.key)
        for other in world.runs.values()
        if other.logical_date is not None
        and run.logical_date is not None
        and other.logical_date < run.logical_date
        and not (catchup and other.run_type is RunType.MANUAL)
    ]
    return max(earlier)[1] if earlier else None

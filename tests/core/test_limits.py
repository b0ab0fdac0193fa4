"""No limit is ever exceeded, and no slot stays free while somebody could use it."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.world import World, dag, task
from tradewind.core.explain import explain
from tradewind.core.limits import Lane, Limit, Turnstile
from tradewind.model.attempts import Result
from tradewind.model.commands import PatchRun
from tradewind.model.events import AttemptEnded, AttemptStarted, Outcome, PoolsChanged, SlotsChanged
from tradewind.model.keys import TaskKey
from tradewind.model.plan import TaskPlan
from tradewind.model.snapshots import PoolSnapshot, TaskSnapshot
from tradewind.model.states import OCCUPYING, RunState, TaskState

POOLS = ("default_pool", "narrow", "missing")

some_tasks = st.lists(
    st.builds(
        dict,
        pool=st.sampled_from(POOLS),
        pool_slots=st.integers(1, 3),
        priority_weight=st.integers(1, 3),
        max_active_tis_per_dag=st.none() | st.integers(1, 2),
        max_active_tis_per_dagrun=st.none() | st.just(1),
    ),
    min_size=1,
    max_size=6,
)


def usages(
    world: World, rows: list[TaskSnapshot], plans: dict[TaskKey, TaskPlan]
) -> Iterator[tuple[object, int]]:
    """(limit, slots) for every limit that every row comes under: the plain scan."""
    for row in rows:
        plan = plans[row.key]
        yield "executor", 1
        yield ("pool", plan.pool), plan.pool_slots
        per_run = world.dags[row.key.dag_id].plan.max_active_tasks_per_run
        yield ("active", row.key.run if per_run else row.key.dag_id), 1
        if plan.max_active_tis_per_dag is not None:
            yield ("tis of dag", row.key.dag_id, row.key.task_id), 1
        if plan.max_active_tis_per_dagrun is not None:
            yield ("tis of run", row.key), 1


def capacity(world: World, limit: object, plan: TaskPlan) -> int:
    match limit:
        case "executor":
            return world.slots
        case ("pool", name):
            return {pool.name: pool.slots for pool in world.pools}.get(str(name), 0)
        case ("active", *_):
            return next(iter(world.dags.values())).plan.max_active_tasks
        case ("tis of dag", *_):
            return plan.max_active_tis_per_dag or 0
    return plan.max_active_tis_per_dagrun or 0


def is_kept_from(
    world: World, row: TaskSnapshot, used: Counter[object], plans: dict[TaskKey, TaskPlan]
) -> bool:
    """Whether the free slots of its pool are kept for one that needs more of them."""
    pool = plans[row.key].pool
    size = capacity(world, ("pool", pool), plans[row.key])
    free = size - used["pool", pool]
    return any(
        other.state is TaskState.SCHEDULED
        and plans[other.key].pool == pool
        and free < plans[other.key].pool_slots <= size
        for other in world.tasks.values()
    )


def check(world: World) -> None:
    plans = {
        row.key: plan
        for row in world.tasks.values()
        for plan in world.dags[row.key.dag_id].plan.tasks
        if plan.task_id == row.key.task_id
    }
    used: Counter[object] = Counter()
    busy = [row for row in world.tasks.values() if row.state in OCCUPYING]
    for limit, slots in usages(world, busy, plans):
        used[limit] += slots
    for row in busy:
        for limit, _ in usages(world, [row], plans):
            # a limit that was lowered meanwhile may be exceeded by what runs already
            assert used[limit] <= max(capacity(world, limit, plans[row.key]), world.most[limit])
    for limit, slots in used.items():
        world.most[limit] = slots
    for row in world.tasks.values():
        if row.state is TaskState.SCHEDULED:
            stopped = [
                limit
                for limit, slots in usages(world, [row], plans)
                if used[limit] + slots > capacity(world, limit, plans[row.key])
            ]
            assert stopped or is_kept_from(world, row, used, plans), f"{row.key} could run"
            assert explain(world.fleet, row.key, world.now)[-1][1] == "wait"


@settings(max_examples=80, deadline=None)
@given(
    tasks=some_tasks,
    per_run=st.booleans(),
    max_active=st.integers(1, 4),
    data=st.data(),
)
def test_limits_hold_and_no_slot_is_wasted(
    tasks: list[dict[str, object]], per_run: bool, max_active: int, data: st.DataObject
) -> None:
    plan = dag(
        *(task(f"t{place}", **fields) for place, fields in enumerate(tasks)),
        max_active_tasks=max_active,
        max_active_tasks_per_run=per_run,
        max_active_runs=3,
    )
    world = World(plan, slots=3, pools={"default_pool": 4, "narrow": 2})
    world.slots, world.most = 3, Counter()
    for step in range(data.draw(st.integers(5, 25))):
        action = data.draw(st.integers(0, 9))
        if action <= 1:
            world.trigger(f"r{step}")
        elif action == 2:
            world.slots = data.draw(st.integers(0, 4))
            world.give(SlotsChanged("LocalExecutor", world.slots))
        elif action == 3:
            size = data.draw(st.integers(0, 4))
            world.pools = (PoolSnapshot("default_pool", size), PoolSnapshot("narrow", 2))
            world.give(PoolsChanged(world.pools))
        elif world.attempts:
            token = data.draw(st.sampled_from(sorted(world.attempts)))
            world.give(AttemptStarted(token, 1, "here", world.now))
            result = data.draw(st.sampled_from([Result.SUCCESS, Result.FAILED]))
            world.give(AttemptEnded(token, Outcome(result=result, end_date=world.now)))
        check(world)
        assert len(world.run_ids(RunState.RUNNING)) <= 3


def test_a_wide_task_does_not_hold_up_narrow_ones() -> None:
    world = World(
        dag(task("wide", pool="p", pool_slots=3, priority_weight=9), task("narrow", pool="p")),
        pools={"p": 2},
    )
    world.trigger()

    assert world.states() == {"wide": "scheduled", "narrow": "queued"}


def stream(world: World, upto: int) -> list[str]:
    """Narrow tasks come and go, always more of them waiting, until the wide one has started."""
    order: list[str] = []
    for number in range(upto):
        world.trigger(f"r{number}", dag_id="narrow")
        order += [a.key.task_id for a in world.attempts.values() if a.key.task_id == "wide"]
        busy = [a.token for a in world.attempts.values() if a.key.task_id == "n"]
        if busy:
            world.give(AttemptEnded(busy[0], Outcome(result=Result.SUCCESS, end_date=world.now)))
        if order:
            return [*order, str(number)]
    return order


def narrow_and_wide() -> World:
    world = World(
        dag(task("n", pool="p"), dag_id="narrow", max_active_runs=999),
        dag(task("wide", pool="p", pool_slots=3), dag_id="wide"),
        pools={"p": 4},
    )
    for number in range(6):
        world.trigger(f"before {number}", dag_id="narrow")
    world.now += timedelta(seconds=1)
    world.trigger("w", dag_id="wide")
    world.now += timedelta(seconds=1)
    return world


def test_a_wide_task_is_not_passed_over_for_ever() -> None:
    world = narrow_and_wide()
    assert world.states("w", "wide") == {"wide": "scheduled"}

    assert stream(world, 100)[0] == "wide"

    started_after = [
        run.key.run_id
        for run in world.runs.values()
        if run.key.run_id.startswith("r")
        and world.states(run.key.run_id, "narrow")["n"] != "scheduled"
    ]
    assert len(started_after) <= 4 + 1, "as many as the pool has slots, and one beside it"


def test_slots_kept_for_a_wide_task_are_for_others_when_it_goes() -> None:
    world = narrow_and_wide()
    for number in range(20):
        world.trigger(f"r{number}", dag_id="narrow")
    while len(world.attempts) > 2:  # until slots are being kept
        token = next(iter(world.attempts))
        world.give(AttemptEnded(token, Outcome(result=Result.SUCCESS, end_date=world.now)))
    assert (
        "keeps its 2 free slots"
        in explain(world.fleet, TaskKey("narrow", "r19", "n"), world.now)[-1][2]
    )

    world.command(PatchRun(dag_id="wide", run_id="w", state=RunState.FAILED))

    assert len(world.attempts) == 4


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_slots_are_handed_out_as_a_plain_scan_would(data: st.DataObject) -> None:
    limits = [Limit(f"limit {number}", data.draw(st.integers(0, 3))) for number in range(4)]
    some = st.lists(st.sampled_from(limits), min_size=1, max_size=3, unique_by=lambda x: x.name)
    lanes = [Lane(tuple((limit, 1) for limit in data.draw(some))) for _ in range(5)]
    turnstile = Turnstile()
    waiting: list[tuple[tuple[int, int], Lane, Waiting]] = []
    running: list[Lane] = []
    for number in range(data.draw(st.integers(5, 40))):
        match data.draw(st.integers(0, 4)):
            case 0 if running:
                turnstile.release(running.pop(data.draw(st.integers(0, len(running) - 1))))
            case 1:
                limit = data.draw(st.sampled_from(limits))
                limit.capacity = data.draw(st.integers(0, 4))
                turnstile.freed(limit)
            case 2 if waiting:
                _, lane, gone = waiting.pop(data.draw(st.integers(0, len(waiting) - 1)))
                gone.state = TaskState.SKIPPED
                turnstile.left(lane)
            case _:
                order, lane = (
                    (data.draw(st.integers(0, 5)), number),
                    data.draw(st.sampled_from(lanes)),
                )
                waiting.append((order, lane, Waiting()))
                turnstile.join(lane, order, waiting[-1][2])
        while True:
            waiting.sort(key=lambda item: item[0])
            best = next((item for item in waiting if item[1].blocker() is None), None)
            chosen = turnstile.next_to_go()
            assert (chosen is None) == (best is None)
            if best is None or chosen is None:
                break
            assert chosen == best[1:]
            turnstile.take(best[1])
            best[2].state = TaskState.QUEUED
            waiting.remove(best)
            running.append(best[1])
            assert all(limit.used <= limit.capacity for limit, _ in best[1].needs)


class Waiting:
    """A task instance as a lane sees it."""

    def __init__(self) -> None:
        self.state = TaskState.SCHEDULED


def test_waiting_for_one_limit_does_not_use_up_another() -> None:
    world = World(
        dag(*(task(f"slow{n}", pool="p") for n in range(4)), task("z"), max_active_tasks=2),
        pools={"p": 1},
    )
    world.trigger()

    assert [name for name, state in world.states().items() if state == "queued"] == ["slow0", "z"]


def test_runs_wait_for_a_run_slot_in_order() -> None:
    world = World(dag(task("t"), max_active_runs=2))
    for name in "abcd":
        world.trigger(name)
    assert world.run_ids(RunState.RUNNING) == ["a", "b"]

    world.end("b/t")

    assert world.run_ids(RunState.RUNNING) == ["a", "c"]


def test_a_limit_that_a_new_version_drops_is_gone_at_once() -> None:
    world = World(dag(task("t", max_active_tis_per_dag=1)))
    for name in "abc":
        world.trigger(name)
    assert len(world.attempts) == 1

    world.load(dag(task("t"), version=2))

    assert len(world.attempts) == 3


@pytest.mark.parametrize("restart", [False, True])
def test_a_task_that_names_an_executor_nobody_runs_fails(restart: bool) -> None:
    world = World(dag(task("t", executor="CeleryExecutor"), task("u", executor="LocalExecutor")))
    if restart:
        world.rebuild()
        world.trigger()
        assert world.states()["t"] == "scheduled", "nobody has said yet which there are"
        world.rebuild()
        world.give(SlotsChanged("LocalExecutor", 9))
    else:
        world.trigger()

    assert world.states() == {"t": "failed", "u": "queued"}
    assert world.row("t").exit_reason == "there is no executor CeleryExecutor, only LocalExecutor"


def test_a_restart_keeps_the_latest_limit_of_a_task_over_all_runs() -> None:
    world = World(dag(task("t", max_active_tis_per_dag=2)))
    for name in "abc":
        world.trigger(name)
    world.load(dag(task("t", max_active_tis_per_dag=1), version=2))
    world.end("a/t")

    world.rebuild()
    world.give(SlotsChanged("LocalExecutor", 100))

    assert len(world.attempts) == 1


def test_a_limit_that_a_new_version_brings_counts_what_older_runs_have_running() -> None:
    before, after = task("t"), task("t", max_active_tis_per_dag=2)
    world = World(dag(before, max_active_runs=9))
    for number in range(3):
        world.trigger(f"old{number}")
    world.pools = (PoolSnapshot("default_pool", 3),)
    world.give(PoolsChanged(world.pools))
    world.trigger("old3")
    assert len(world.attempts) == 3

    world.load(dag(after, max_active_runs=9, version=2))
    world.pools = (PoolSnapshot("default_pool", 9),)
    world.give(PoolsChanged(world.pools))
    world.trigger("younger")
    assert len(world.attempts) == 3
    for run_id in ("old0", "old1"):
        world.end(f"{run_id}/t")
    assert {attempt.key.run_id for attempt in world.attempts.values()} == {"old2", "old3"}

    world.load(dag(before, max_active_runs=9, version=3))
    assert len(world.attempts) == 3
    world.run_all()
    assert set(world.run_ids(RunState.SUCCESS)) == set(world.run_ids())
    assert {limit.used for limit in world.fleet.dags["d"].tis.values()} == {0}


def test_the_weight_may_be_another_with_each_try() -> None:
    eager = task("eager", priority_weight=9, retry_weights=(5, 1), retries=9, retry_delay_s=0)
    world = World(
        dag(eager, task("middle", priority_weight=5), task("light", priority_weight=2)), slots=1
    )
    world.trigger()
    started = []
    while world.attempts:
        (attempt,) = world.attempts.values()
        weight = world.tasks[attempt.key].priority_weight
        started.append((attempt.key.task_id, attempt.try_number, weight))
        failed = attempt.key.task_id == "eager" and attempt.try_number < 4
        world.end(f"r/{attempt.key.task_id}", Result.FAILED if failed else Result.SUCCESS)

    assert started == [
        ("eager", 1, 9),
        ("eager", 2, 5),
        ("middle", 1, 5),
        ("light", 1, 2),
        ("eager", 3, 1),
        ("eager", 4, 1),
    ]

"""No limit is ever exceeded, and no slot stays free while somebody could use it."""

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.world import World, dag, task
from tradewind.core.explain import explain
from tradewind.model.attempts import Result
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
            assert stopped, f"{row.key} could run"
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

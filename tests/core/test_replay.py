"""The same events from the same start give the same Changes; a rebuilt fleet gives the same ends."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.world import DAILY, NOON, World, dag, task
from tradewind.core.decide import decide
from tradewind.core.fleet import Fleet
from tradewind.core.needs import needs
from tradewind.model.attempts import Result
from tradewind.model.changes import Change, RunChanged, RunCreated
from tradewind.model.codec import to_data
from tradewind.model.commands import ClearTasks, MarkTask, PatchRun
from tradewind.model.events import SlotsChanged, Tick
from tradewind.model.plan import TriggerRule
from tradewind.model.snapshots import DagSnapshot, FleetSnapshot, PoolSnapshot
from tradewind.model.states import FINISHED, RUN_FINISHED, RunState

DIAMOND = dag(
    task("start", runs=False),
    task("left", "start", retries=1, retry_delay_s=30, retry_backoff=2),
    task("right", "start", pool="p"),
    task("join", "left", "right", trigger_rule=TriggerRule.ALL_DONE),
    task("end", "join", "left", trigger_rule=TriggerRule.ONE_SUCCESS),
    schedule=DAILY,
    start_date=NOON - timedelta(days=4),
    catchup=True,
    max_active_runs=2,
)

steps = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=25)


def new_world() -> World:
    return World(DIAMOND, slots=2, pools={"p": 1})


def play(world: World, script: list[tuple[int, int]], *, rebuild: bool = False) -> None:
    """Follow a script of what happens; numbers choose among what is possible."""
    for action, choice in script:
        runs = world.run_ids()
        run_id = runs[choice % len(runs)]
        if action <= 5 and world.attempts:
            name = sorted(world.attempts)[choice % len(world.attempts)]
            key = world.attempts[name].key
            if action <= 1:
                world.start(f"{key.run_id}/{key.task_id}")
            else:
                results = (Result.SUCCESS, Result.FAILED, Result.SKIPPED, Result.SUCCESS)
                world.end(f"{key.run_id}/{key.task_id}", results[action - 2])
        elif action == 6:
            world.wait(minutes=1 + choice)
        elif action == 7:
            world.command(ClearTasks(dag_id="d", run_ids=(run_id,), only_failed=choice < 2))
        elif action == 8:
            world.command(MarkTask(dag_id="d", run_id=run_id, task_id="left"))
        elif action == 9:
            world.command(PatchRun(dag_id="d", run_id=run_id, state=list(RunState)[choice]))
        if rebuild and choice == 1:
            world.rebuild()
            world.give(SlotsChanged("LocalExecutor", 2))


@settings(max_examples=60, deadline=None)
@given(script=steps)
def test_replay_gives_the_same_changes(script: list[tuple[int, int]]) -> None:
    one, other = new_world(), new_world()

    play(one, script)
    play(other, script)

    assert one.log == other.log


@settings(max_examples=60, deadline=None)
@given(script=steps, rebuild=st.booleans())
def test_rows_stay_consistent_and_everything_comes_to_an_end(
    script: list[tuple[int, int]], rebuild: bool
) -> None:
    world = new_world()
    play(world, script, rebuild=rebuild)
    for _ in range(100):
        world.run_all()
        world.wait(hours=1)
        if world.now > NOON + timedelta(days=1):
            break
    assert world.now > NOON + timedelta(days=1)
    for run in world.runs.values():
        states = set(world.states(run.key.run_id).values())
        assert run.state in RUN_FINISHED
        assert run.end_date is not None
        assert states <= {state.value for state in FINISHED} | {"none"}


def test_changes_are_plain_data() -> None:
    world = new_world()
    world.run_all()
    for change in world.log:
        to_data(change)


def fresh_fleet(snapshot: DagSnapshot) -> Fleet:
    return Fleet.build(
        FleetSnapshot(epoch=1, dags=(snapshot,), pools=(PoolSnapshot("default_pool", 9),))
    )


def test_decide_alone_replays_a_log_of_events() -> None:
    world = World(DIAMOND, pools={"default_pool": 9})
    world.run_all()

    fleet = fresh_fleet(DIAMOND)
    again: list[Change] = []
    for event, now in world.events:
        assert all(query.dag_id == "d" for query in needs(fleet, event, now))
        again += decide(fleet, event, now)

    created = [change for change in again if isinstance(change, RunCreated | RunChanged)]
    assert created == [x for x in world.log if isinstance(x, RunCreated | RunChanged)]


def test_a_tick_for_nothing_changes_nothing() -> None:
    world = new_world()
    assert decide(world.fleet, Tick(), world.now) in ([], world.give(Tick()))

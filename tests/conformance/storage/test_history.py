"""Replaying the event log gives the stored state, on both engines."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa

from tests.conformance.storage.builders import NOW as WRITTEN
from tests.conformance.storage.builders import a_file, a_run, put, put_run, queued, record, rows
from tests.conformance.storage.pictures import differences, stored
from tests.core.world import DAILY, NOON, World, dag, task
from tradewind.model.attempts import Result
from tradewind.model.changes import (
    Change,
    CommandAnswered,
    DagPaused,
    RunCreated,
    ScheduleMoved,
    TaskChanged,
    TasksCreated,
)
from tradewind.model.commands import (
    ClearTasks,
    CreateBackfill,
    MarkTask,
    PatchBackfill,
    PatchRun,
)
from tradewind.model.events import SlotsChanged
from tradewind.model.intervals import DataInterval, RunInfo
from tradewind.model.keys import RunKey
from tradewind.model.plan import TriggerRule
from tradewind.model.states import RunState, TaskState
from tradewind.storage import commit, dags, events, history, tables
from tradewind.storage.database import Database

DIAMOND = dag(
    task("start", runs=False),
    task("left", "start", retries=1, retry_delay_s=30, retry_backoff=2),
    task("right", "start", pool="p"),
    task("join", "left", "right", trigger_rule=TriggerRule.ALL_DONE),
    task("end", "join", "left", trigger_rule=TriggerRule.ONE_SUCCESS, retries=2),
    schedule=DAILY,
    start_date=NOON - timedelta(days=4),
    catchup=True,
    max_active_runs=2,
    max_consecutive_failed_dag_runs=3,
)
RESULTS = [*Result, *[Result.SUCCESS] * 6]


def live(world: World, random: Random, steps: int) -> None:
    """Let `steps` things happen, chosen by `random` among what is possible."""
    for _ in range(steps):
        run_id = random.choice(world.run_ids())
        chance = random.random()
        if chance < 0.7 and world.attempts:
            key = random.choice(list(world.attempts.values())).key
            name = f"{key.run_id}/{key.task_id}"
            if random.random() < 0.8:
                world.start(name)
            result = random.choice(RESULTS)
            later = world.now + timedelta(minutes=3) if result is Result.RESCHEDULE else None
            world.end(name, result, reschedule_at=later)
        elif chance < 0.8:
            world.wait(minutes=random.randint(1, 60 * 20))
        elif chance < 0.86:
            note = random.choice([None, "näher \0 hin"])
            world.command(ClearTasks(dag_id="d", run_ids=(run_id,), note=note))
        elif chance < 0.9:
            state = random.choice([TaskState.SUCCESS, TaskState.FAILED, TaskState.SKIPPED])
            world.command(MarkTask(dag_id="d", run_id=run_id, task_id="left", state=state))
        elif chance < 0.95:
            ended = random.choice([None, *RunState])
            world.command(
                PatchRun(dag_id="d", run_id=run_id, state=ended, note="seen", set_note=True)
            )
        elif chance < 0.97:
            since = NOON - timedelta(days=random.randint(5, 20))
            world.command(
                CreateBackfill(
                    dag_id="d",
                    from_date=since,
                    to_date=since + timedelta(days=random.randint(0, 9)),
                    reprocess_behavior=random.choice(["none", "failed", "completed"]),
                )
            )
        elif world.backfills:
            number = random.choice(list(world.backfills))
            paused = random.choice([True, False, None])
            world.command(
                PatchBackfill(backfill_id=number, is_paused=paused, cancel=paused is None)
            )
        if random.random() < 0.05:
            world.rebuild()
            world.give(SlotsChanged("LocalExecutor", 2))


def turns(changes: list[Change], random: Random) -> Iterator[list[Change]]:
    """The changes in commits of random size."""
    left = list(changes)
    while left:
        size = random.choice([1, 2, 3, 10, 100])
        yield left[:size]
        del left[:size]


@pytest.fixture
def sales(database: Database) -> Database:
    with database.write() as conn:
        record(conn, a_file(DIAMOND.plan), paused=False)
    return database


@pytest.mark.parametrize("seed", range(12))
def test_replaying_the_log_gives_the_stored_state(sales: Database, seed: int) -> None:
    random = Random(seed)
    world = World(DIAMOND, slots=2, pools={"p": 1})
    live(world, random, 150)
    for changes in turns([c for c in world.log if not isinstance(c, CommandAnswered)], random):
        put(sales, *changes)

    with sales.read() as conn:
        assert history.runs(conn) == list(world.runs)
        assert differences(conn) == []
        known = history.of_dag(conn, "d", events.BACKFILL)
        assert history.replay_backfill(known) == world.backfills
        last, following = history.replay_schedule(history.of_dag(conn, "d", events.SCHEDULE))
        (row,) = conn.execute(sa.select(tables.dag_schedule)).mappings()
        assert (last and last.run_after) == row["last_run_after"]
        assert (following and following.run_after) == row["next_run_after"]
    assert world.history, "a stream without archived tries proves too little"


def test_every_change_of_state_is_an_event_with_its_cause(sales: Database) -> None:
    random = Random(1)
    world = World(DIAMOND, slots=2, pools={"p": 1})
    live(world, random, 60)
    made = [c for c in world.log if isinstance(c, events.Logged)]
    assert {type(c) for c in made} > {RunCreated, TaskChanged, ScheduleMoved}
    put(sales, *made)
    logged = rows(sales, tables.event_log)
    assert len(logged) == len(made)
    assert [row.id for row in logged] == sorted(row.id for row in logged)
    assert all(row.reason for row in logged)


def test_a_run_as_it_was_at_a_moment(database: Database) -> None:
    run = put_run(database)
    before = stored_picture(database)
    later = WRITTEN + timedelta(hours=1)
    with database.write() as conn:
        change = TaskChanged(TaskState.NONE, 0, queued(run.tasks[0]), "ready")
        commit.write(conn, [change], later)
    with database.read() as conn:
        assert history.picture(conn, run.key, WRITTEN) == before
        assert history.picture(conn, run.key, later) == stored(conn, run.key) != before
        assert history.picture(conn, run.key, WRITTEN - timedelta(seconds=1)) is None
        assert history.picture(conn, RunKey("sales", "unknown")) is None


def stored_picture(database: Database) -> history.RunPicture | None:
    with database.read() as conn:
        return stored(conn, a_run().key)


def test_an_event_before_its_run_is_no_history(database: Database) -> None:
    run = put_run(database)
    put(database, TaskChanged(TaskState.NONE, 0, queued(run.tasks[0]), "ready"))
    with database.read() as conn:
        _, second = history.of_run(conn, run.key)
    with pytest.raises(ValueError, match="before its run was made"):
        history.replay([second])


def test_runs_of_one_turn_are_told_apart(database: Database) -> None:
    """An event finds the row that names its run although both are of one commit."""
    one, two = a_run("r1", task_ids="a"), a_run("r2", task_ids="a")
    put(
        database,
        RunCreated(one, "due"),
        TaskChanged(TaskState.NONE, 0, queued(one.tasks[0]), "ready"),
        RunCreated(two, "due"),
        TaskChanged(TaskState.NONE, 0, queued(two.tasks[0]), "ready"),
        TaskChanged(TaskState.QUEUED, 1, queued(queued(one.tasks[0])), "again"),
    )
    with database.read() as conn:
        assert differences(conn) == []
        assert len(history.of_run(conn, one.key)) == 3
        assert [event.reason for event in history.of_run(conn, two.key)] == ["due", "ready"]


def test_a_schedule_keeps_its_last_run_in_the_log(sales: Database) -> None:
    first = RunInfo(NOON, DataInterval(NOON - timedelta(days=1), NOON))
    put(sales, ScheduleMoved("d", first, RunInfo(NOON + timedelta(days=1))))
    put(sales, ScheduleMoved("d", None, None), DagPaused("d", "3 failed"))
    with sales.read() as conn:
        told = history.of_dag(conn, "d", events.SCHEDULE)
        assert history.replay_schedule(told) == (first, None)
        (paused,) = history.of_dag(conn, "d", events.PAUSED)
        assert paused.reason == "3 failed"
        assert dags.heads(conn)["d"].is_paused


def test_long_ids_cost_once_a_run_and_not_per_event(database: Database) -> None:
    run = put_run(database, a_run("r" * 250))
    put(database, TaskChanged(TaskState.NONE, 0, queued(run.tasks[0]), "ready"))
    _, event = rows(database, tables.event_log)
    assert (event.dag_id, event.run_id) == (None, None)


def test_a_run_that_is_made_in_slices_is_replayed_whole(sales: Database) -> None:
    world = World(dag(*(task(f"t{number}", runs=False) for number in range(450))))
    world.trigger()
    assert sum(isinstance(change, TasksCreated) for change in world.log) == 2
    for change in world.log:
        if not isinstance(change, CommandAnswered):
            put(sales, change)
    with sales.read() as conn:
        assert differences(conn) == []

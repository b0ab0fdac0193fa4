"""Which rows are loaded before an event is decided on."""

from datetime import timedelta

from tests.core.world import DAILY, NOON, World, dag, task
from tradewind.core.needs import needs
from tradewind.model.commands import ClearTasks, Command, CreateBackfill, MarkTask, TriggerRun
from tradewind.model.events import CommandGiven, SlotsChanged, Tick
from tradewind.model.snapshots import RunQuery

MIDNIGHT = NOON.replace(hour=0)


def of(command: Command) -> tuple[RunQuery, ...]:
    return needs(World(dag(task("t"))).fleet, CommandGiven("1", command), NOON)


def test_a_trigger_needs_whoever_has_its_name_or_date() -> None:
    query = RunQuery(dag_id="d", run_ids=("r",), logical_dates=(NOON,))
    assert of(TriggerRun(dag_id="d", run_id="r", run_after=NOON, logical_date=NOON)) == (query,)


def test_a_mark_needs_its_run() -> None:
    assert of(MarkTask(dag_id="d", run_id="r", task_id="t")) == (
        RunQuery(dag_id="d", run_ids=("r",)),
    )


def test_a_clear_needs_the_runs_it_names_or_the_dates_or_all() -> None:
    assert of(ClearTasks(dag_id="d", run_ids=("r",))) == (RunQuery(dag_id="d", run_ids=("r",)),)
    assert of(ClearTasks(dag_id="d", run_ids=("r",), include_past=True)) == (RunQuery(dag_id="d"),)
    assert of(ClearTasks(dag_id="d", start_date=NOON)) == (
        RunQuery(dag_id="d", logical_date_gte=NOON),
    )


def test_a_tick_needs_the_runs_there_may_be_of_dates_that_are_due() -> None:
    world = World(dag(task("t"), schedule=DAILY, start_date=MIDNIGHT - timedelta(days=3)))
    tomorrow = NOON + timedelta(days=1)

    assert needs(world.fleet, Tick(), NOON) == ()
    assert needs(world.fleet, Tick(), tomorrow) == (
        RunQuery(
            dag_id="d",
            run_ids=("scheduled__2024-05-02T00:00:00+00:00",),
            logical_dates=(MIDNIGHT,),
        ),
    )


def test_a_tick_needs_the_runs_a_backfill_is_about_to_make() -> None:
    world = World(dag(task("t"), schedule=DAILY))
    week = CreateBackfill(
        dag_id="d", from_date=MIDNIGHT - timedelta(days=7), to_date=MIDNIGHT - timedelta(days=1)
    )
    world.turn(CommandGiven("1", week))

    (query,) = needs(world.fleet, Tick(), NOON)

    assert len(query.logical_dates) == 7


def test_most_events_need_nothing() -> None:
    world = World(dag(task("t")))
    assert needs(world.fleet, SlotsChanged("LocalExecutor", 1), NOON) == ()

"""Runs that users ask for."""

from datetime import timedelta
from typing import Any

import pytest

from tests.core.world import DAILY, NOON, World, dag, task
from tradewind.model.states import RunType

DAG = dag(task("t"), schedule=DAILY)
MIDNIGHT = NOON.replace(hour=0)


def test_its_data_is_inferred_from_the_logical_date() -> None:
    world = World(DAG)
    world.trigger(logical_date=NOON - timedelta(days=9), conf={"a": 1}, note="n")

    (run,) = [run for run in world.runs.values() if run.key.run_id == "r"]
    assert run.logical_date == NOON - timedelta(days=9)
    assert run.data_interval_end == MIDNIGHT - timedelta(days=9)
    assert run.data_interval_start == MIDNIGHT - timedelta(days=10)
    assert (run.conf, run.note, run.run_type) == ({"a": 1}, "n", RunType.MANUAL)
    assert world.attempt("r/t").run.conf == {"a": 1}


def test_without_logical_date_it_has_no_data_interval() -> None:
    world = World(dag(task("t")))
    world.trigger(triggered_by="operator")
    (run,) = world.runs.values()
    assert (run.logical_date, run.data_interval_start) == (None, None)
    assert run.run_type is RunType.OPERATOR_TRIGGERED


def test_it_may_start_when_its_data_interval_ends() -> None:
    world = World(dag(task("t"), schedule=DAILY, is_paused=True))
    assert world.trigger(logical_date=NOON, run_after=None).applied
    (run,) = [run for run in world.runs.values() if run.key.run_id == "r"]
    assert run.run_after == run.data_interval_end == MIDNIGHT


def test_it_needs_a_time_or_a_date() -> None:
    answer = World(dag(task("t"))).trigger(run_after=None)
    assert (answer.applied, answer.status) == (False, 400)


@pytest.mark.parametrize(
    ("triggered_by", "materializes", "kind"),
    [
        ("rest_api", False, "manual"),
        ("operator", False, "operator_triggered"),
        ("rest_api", True, "asset_materialization"),
    ],
)
def test_a_dag_may_allow_certain_types_of_run_only(
    triggered_by: str, materializes: bool, kind: str
) -> None:
    asked = {"triggered_by": triggered_by, "materializes": materializes}
    world = World(dag(task("t"), schedule=DAILY, allowed_run_types=("scheduled",)))

    answer = world.trigger(**asked)

    assert (answer.applied, answer.status) == (False, 400)
    assert answer.reason == (
        f"DAG d does not allow {kind} runs: its allowed_run_types are scheduled"
    )
    world.load(dag(task("t"), schedule=DAILY, version=2, allowed_run_types=(kind, "scheduled")))
    assert world.trigger(**asked).applied


def test_the_schedule_makes_its_runs_where_nobody_else_may() -> None:
    world = World(dag(task("t"), schedule=DAILY, allowed_run_types=("scheduled",)))
    world.wait(days=1)
    assert {run.run_type for run in world.runs.values()} == {RunType.SCHEDULED}


def test_a_run_of_the_future_waits_for_its_time() -> None:
    world = World(dag(task("t")))
    world.trigger(run_after=NOON + timedelta(hours=1))
    assert world.run_state() == "queued"
    world.wait(hours=1)
    assert world.run_state() == "running"


def test_a_paused_dag_keeps_its_runs_queued() -> None:
    world = World(dag(task("t"), is_paused=True))
    assert world.trigger().applied
    assert world.run_state() == "queued"

    world.load(dag(task("t")))

    assert world.run_state() == "running"
    assert len(world.attempts) == 1


@pytest.mark.parametrize("finished", [False, True])
def test_a_name_or_date_is_taken_once(finished: bool) -> None:
    world = World(dag(task("t")))
    world.trigger("a", logical_date=NOON)
    if finished:
        world.run_all()

    same_name, same_date = world.trigger("a"), world.trigger("b", logical_date=NOON)

    assert (same_name.status, same_date.status) == (409, 409)
    assert "already has a run a" in same_name.reason
    assert world.run_ids() == ["a"]


@pytest.mark.parametrize(
    ("snapshot", "fields", "status", "reason"),
    [
        (DAG, {"dag_id": "x"}, 404, "no DAG x"),
        (dag(task("t"), is_stale=True), {}, 404, "no DAG d"),
        (DAG, {"data_interval_start": NOON}, 400, "both"),
        (
            DAG,
            {"data_interval_start": NOON, "data_interval_end": MIDNIGHT},
            400,
            "must not come after",
        ),
        (dag(task("t", unsupported=("mapping",))), {}, 400, "task t uses mapping"),
    ],
)
def test_refused(snapshot: Any, fields: dict[str, Any], status: int, reason: str) -> None:
    world = World(snapshot)
    answer = world.trigger(**fields)
    assert (answer.applied, answer.status) == (False, status)
    assert reason in answer.reason


def test_without_logical_date_it_is_dated_now_where_runs_always_are() -> None:
    world = World(dag(task("t"), schedule=DAILY, manual_run_is_dated=True))
    world.trigger()
    (run,) = [run for run in world.runs.values() if run.key.run_id == "r"]
    assert run.logical_date == NOON
    assert run.data_interval_end == MIDNIGHT

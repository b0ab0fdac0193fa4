"""Clearing: task instances go back to the start, and their run with them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.core.test_mapping import OVER_A
from tests.core.world import World, dag, task, told
from tradewind.model.attempts import Result
from tradewind.model.commands import ClearTasks, PatchRun
from tradewind.model.keys import RunKey
from tradewind.model.states import RunState

CHAIN = dag(task("a"), task("b", "a", retries=2, retry_delay_s=0), task("c", "b"))


def clear(*task_ids: str, run_id: str = "r", **fields: Any) -> ClearTasks:
    run_ids = fields.pop("run_ids", (run_id,))
    return ClearTasks(dag_id="d", run_ids=run_ids, task_ids=task_ids, **fields)


def finished(**results: Result) -> World:
    world = World(CHAIN)
    world.trigger()
    world.run_all(lambda attempt: results.get(attempt.key.task_id, Result.SUCCESS))
    return world


def test_a_finished_run_is_queued_again_and_runs_what_was_cleared() -> None:
    world = finished()

    answer = world.command(clear("b", include_downstream=True))

    assert answer.result == {"task_instances": [["r", "b", -1], ["r", "c", -1]]}
    assert world.states() == {"a": "success", "b": "queued", "c": "none"}
    run = next(iter(world.runs.values()))
    assert (run.state, run.clear_number, run.end_date) == (RunState.RUNNING, 1, None)
    assert (world.row("b").try_number, world.row("b").max_tries) == (2, 3)

    world.run_all()
    assert world.run_state() == "success"
    assert sorted((key.task_id, number) for key, number in world.history) == [("b", 1), ("c", 1)]


def test_a_clear_is_refused_as_a_whole_if_one_chosen_is_running_and_that_is_to_be_prevented() -> (
    None
):
    world = World(CHAIN)
    world.trigger()
    before = world.states()
    wanted = clear("a", include_downstream=True, prevent_running_task=True)

    refused = world.command(wanted)

    assert not refused.applied
    assert "1 of them are running: r a" in str(refused)
    assert world.states() == before
    assert world.command(clear("b", "c", prevent_running_task=True)).applied


def test_a_clear_gives_a_fresh_set_of_retries() -> None:
    world = finished(b=Result.FAILED)
    assert (world.row("b").try_number, world.run_state()) == (3, "failed")

    world.command(clear(only_failed=True))
    assert (world.row("b").try_number, world.row("b").max_tries) == (4, 5)

    world.run_all(lambda attempt: Result.FAILED)
    assert world.row("b").try_number == 6
    assert len(world.history) == 5


def test_what_is_running_is_killed_and_goes_back_when_its_end_is_known() -> None:
    world = World(CHAIN)
    world.trigger()
    world.start("a")
    ended = world.attempt("a")

    world.command(clear("a"))
    assert told(world.log)[-2:] == ["kill", "a: running -> restarting"]

    world.attempts[ended.token] = ended
    assert told(world.end("a", Result.FAILED)) == [
        "archive a try 1",
        "a: restarting -> none",
        "a: none -> scheduled",
        "a: scheduled -> queued",
        "dispatch a try 2",
    ]


def queued_and_cleared() -> World:
    """The order to begin `a` is out, and so is the one to end it."""
    world = World(CHAIN)
    world.trigger()
    ordered = world.attempt("a")
    world.command(clear("a"))
    assert told(world.log)[-2:] == ["kill", "a: queued -> restarting"]
    world.attempts[ordered.token] = ordered
    return world


def test_what_is_queued_waits_for_its_order_to_come_back_and_keeps_its_try() -> None:
    world = queued_and_cleared()

    assert told(world.end("a", Result.NOT_STARTED)) == [
        "a: restarting -> none",
        "a: none -> scheduled",
        "a: scheduled -> queued",
        "dispatch a try 1",
    ]
    assert world.history == {}


@pytest.mark.parametrize("result", [Result.SUCCESS, Result.FAILED, Result.LOST])
def test_what_was_queued_and_starts_all_the_same_has_had_its_try(result: Result) -> None:
    world = queued_and_cleared()

    assert told(world.start("a")) == [], "the next try must wait until this one is gone"
    assert told(world.end("a", result)) == [
        "archive a try 1",
        "a: restarting -> none",
        "a: none -> scheduled",
        "a: scheduled -> queued",
        "dispatch a try 2",
    ]


def test_a_try_that_never_began_is_not_counted() -> None:
    world = World(CHAIN, slots=0)
    world.trigger()
    assert world.states()["a"] == "scheduled"

    world.command(clear("a"))

    assert (world.row("a").try_number, world.history) == (1, {})


def test_waiting_for_a_retry_is_cut_short() -> None:
    world = World(dag(task("a", retries=1)))
    world.trigger()
    world.end("a", Result.FAILED)

    world.command(clear())

    assert world.states() == {"a": "queued"}
    assert world.row("a").max_tries == 2


def test_upstream_and_filters() -> None:
    world = finished(c=Result.FAILED)

    def chosen(*task_ids: str, **fields: Any) -> list[str]:
        answer = world.command(clear(*task_ids, dry_run=True, **fields))
        return [task_id for _, task_id, _ in answer.result["task_instances"]]

    assert chosen("b") == ["b"]
    assert chosen("b", include_upstream=True) == ["a", "b"]
    assert chosen("b", include_upstream=True, include_downstream=True) == ["a", "b", "c"]
    assert chosen(only_failed=True) == ["c"]
    assert chosen(only_running=True) == []
    assert world.run_state() == "failed", "a dry run changes nothing"


def test_a_range_of_dates_and_the_past_and_future_of_a_run() -> None:
    world = World(CHAIN)
    first = datetime(2024, 1, 1, tzinfo=UTC)
    for day in range(5):
        world.trigger(f"r{day}", logical_date=first + timedelta(days=day))
    world.trigger("undated")
    world.run_all()

    def runs(**fields: Any) -> list[str]:
        fields.setdefault("run_ids", ())
        answer = world.command(clear("a", dry_run=True, **fields))
        return [run_id for run_id, _, _ in answer.result["task_instances"]]

    day_1, day_3 = first + timedelta(days=1), first + timedelta(days=3)
    assert runs(start_date=day_1, end_date=day_3) == ["r1", "r2", "r3"]
    assert runs(start_date=day_3) == ["r3", "r4"]
    assert runs(start_date=day_1, end_date=day_3, include_past=True) == ["r0", "r1", "r2", "r3"]
    assert runs(run_ids=("r3",), include_future=True) == ["r3", "r4"]
    assert runs(run_ids=("r1",), include_past=True) == ["r0", "r1"]
    assert len(runs()) == 6


def test_without_reset_the_run_stays_finished() -> None:
    world = finished()
    world.command(clear("c", reset_dag_runs=False))
    assert (world.run_state(), world.states()["c"]) == ("success", "none")


def test_on_the_latest_version() -> None:
    world = finished()
    world.load(
        dag(task("a"), task("b", "a", pool="new"), task("c", "b"), version=2, code_hash="c2")
    )

    world.command(clear("b", run_on_latest_version=True))

    assert world.row("b").pool == "new"
    assert next(iter(world.runs.values())).version == 2


def test_on_a_latest_version_with_other_tasks() -> None:
    world = finished()
    world.load(
        dag(task("a"), task("c", "a"), task("new", "c"), version=2),
    )
    asked = clear("new", run_on_latest_version=True, reset_dag_runs=False)

    would = world.command(replace(asked, dry_run=True))

    assert would.result == {"task_instances": [["r", "new", -1]]}
    assert world.states() == {"a": "success", "b": "success", "c": "success"}
    assert world.runs[RunKey("d", "r")].version == 1

    assert world.command(asked).result == would.result
    assert world.states() == {"a": "success", "b": "removed", "c": "success", "new": "none"}
    assert (world.runs[RunKey("d", "r")].version, world.run_state()) == (2, "success")

    world.command(clear("c", include_downstream=True))
    world.run_all()
    assert (world.run_state(), world.states()["new"]) == ("success", "success")


def test_not_on_a_latest_version_that_cannot_be_run() -> None:
    world = finished()
    tasks = task("a"), task("b", "a", unsupported=("telepathy",)), task("c", "b")
    world.load(dag(*tasks, version=2))

    refused = world.command(clear("b", run_on_latest_version=True))

    assert (refused.status, "b uses telepathy" in refused.reason) == (409, True)
    assert world.run_state() == "success"
    assert world.runs[RunKey("d", "r")].version == 1


def test_on_the_latest_version_though_the_run_stays_finished() -> None:
    world = finished()
    world.load(dag(task("a"), task("b", "a", pool="new"), task("c", "b"), version=2))

    world.command(clear("b", run_on_latest_version=True, reset_dag_runs=False))
    assert (world.run_state(), world.runs[RunKey("d", "r")].version) == ("success", 2)

    world.rebuild()
    world.command(PatchRun(dag_id="d", run_id="r", state=RunState.QUEUED))
    assert world.run_state() == "running"
    assert world.fleet.runs[RunKey("d", "r")].index.version == 2


def test_a_refusal_leaves_every_run_its_version() -> None:
    world = finished()
    world.trigger("s")
    world.run_all()
    mapped = task("b", "a", expansion=OVER_A)
    world.load(dag(task("a"), mapped, task("c", "b"), version=2))

    refused = world.command(clear("a", run_ids=(), run_on_latest_version=True))

    assert (refused.status, "for b, which has begun, is mapped" in refused.reason) == (409, True)
    assert {run.version for run in world.runs.values()} == {1}


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (ClearTasks(dag_id="x"), "no DAG x"),
        (clear(run_id="x"), "no run x"),
        (clear("x"), "no task x"),
    ],
)
def test_refused(command: ClearTasks, reason: str) -> None:
    answer = finished().command(command)
    assert (answer.applied, answer.status) == (False, 404)
    assert reason in answer.reason


def test_queueing_a_run_clears_all_of_it() -> None:
    world = finished()
    world.command(PatchRun(dag_id="d", run_id="r", state=RunState.QUEUED))
    assert world.states() == {"a": "queued", "b": "none", "c": "none"}


def test_only_what_is_new() -> None:
    world = finished()
    assert world.command(clear(only_new=True)).result == {"task_instances": []}
    world.load(dag(task("a"), task("b", "a"), task("c", "b"), task("new", "a"), version=2))
    would = world.command(clear(only_new=True, dry_run=True))
    assert would.result == {"task_instances": [["r", "new", -1]]}
    assert world.runs[RunKey("d", "r")].version == 1
    assert world.command(clear(only_new=True)).result == would.result
    assert (world.run_state(), world.states()["new"]) == ("running", "queued")
    world.run_all()
    assert set(world.states().values()) == {"success"}
    assert [world.row(name).try_number for name in ("a", "b", "c", "new")] == [1, 1, 1, 1]

"""What is forecast is what the engine then does: begins, ends, slots, backlogs, clock changes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pendulum
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind import Asset, task
from tradewind.authoring.compile import compile_dag
from tradewind.authoring.dag import DAG
from tradewind.config.load import load_settings
from tradewind.forecast.comparison import compare
from tradewind.forecast.durations import Durations
from tradewind.forecast.findings import findings, words
from tradewind.forecast.play import forecast
from tradewind.forecast.result import Forecast
from tradewind.integrations.standard.operators.empty import EmptyOperator
from tradewind.model.snapshots import DagSnapshot, FleetSnapshot, PoolSnapshot

START = datetime(2026, 3, 28, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
GUESSED = Durations()


def dag(
    dag_id: str, schedule: Any, *, length: int = 1, width: int = 1, **arguments: Any
) -> DagSnapshot:
    """`length` layers of `width` tasks; each layer waits for the one before."""
    arguments.setdefault("start_date", START - timedelta(days=7))
    pool = arguments.pop("pool", "default_pool")
    is_paused = arguments.pop("is_paused", False)
    with DAG(dag_id, schedule=schedule, **arguments) as made:
        before: list[Any] = []
        for layer in range(length):
            now = []
            for place in range(width):

                @task(task_id=f"t{layer}_{place}", pool=pool)
                def nothing() -> None: ...

                now.append(nothing())
            for one in before:
                one >> now
            before = now
    plan = compile_dag(made, defaults=load_settings().core)
    return DagSnapshot(plan=plan, version=1, code_hash="x", fileloc="/x.py", is_paused=is_paused)


def play(
    *dags: DagSnapshot,
    days: float = 1,
    start: datetime = START,
    slots: int = 32,
    pools: tuple[PoolSnapshot, ...] = (PoolSnapshot("default_pool", 128),),
    durations: Durations = GUESSED,
) -> Forecast:
    return forecast(
        FleetSnapshot(epoch=1, dags=dags, pools=pools),
        start=start,
        until=start + timedelta(days=days),
        executors={"LocalExecutor": slots},
        durations=durations,
    )


def rules(found: Forecast, what: str | None = None) -> list[str]:
    return [one.rule for one in findings(found) if what in (None, one.what)]


def test_runs_begin_on_time_and_take_as_long_as_their_longest_path() -> None:
    found = play(dag("d", "0 6 * * *", length=3, width=2), days=1.5)
    runs = [run for run in found.runs() if run.run_after >= START]
    assert [run.run_after.hour for run in runs] == [6, 6]
    for run in runs:
        assert run.start == run.first_task == run.run_after
        assert run.end == run.run_after + 3 * MINUTE
        assert (run.state, run.tasks) == ("success", 6)
    assert found.pools["default_pool"].peak == 2
    assert rules(found) == []


def test_a_task_takes_what_is_given_then_what_it_took_then_a_guess() -> None:
    durations = Durations(
        given={("a", "t0_0"): 5, ("b", None): 7},
        known={("a", "t0_0"): 50, ("a", "t1_0"): 11, ("b", "t0_0"): 50},
        otherwise_s=100,
    )
    snapshots = [dag(name, "0 6 * * *", length=2) for name in "abc"]
    found = play(*snapshots, durations=durations)
    lasted = {run.dag_id: run.end - run.start for run in found.runs() if run.end and run.start}
    assert {name: span.total_seconds() for name, span in lasted.items()} == {
        "a": 16,
        "b": 14,
        "c": 200,
    }


def test_tasks_wait_for_slots_and_it_says_for_which() -> None:
    pools = (PoolSnapshot("default_pool", 128), PoolSnapshot("narrow", 2))
    found = play(dag("d", "0 6 * * *", width=6, pool="narrow", catchup=False), pools=pools)
    narrow = found.pools["narrow"]
    assert (narrow.peak, narrow.waits) == (
        2,
        8,
    )  # 4 of yesterday's run, made first, and 4 of today's
    assert narrow.busy_s == 12 * 60
    (run,) = (run for run in found.runs() if run.run_after >= START)
    assert run.end == run.run_after + 3 * MINUTE
    assert run.waited == 2 * MINUTE + 2 * 2 * MINUTE
    assert rules(found) == ["full"]
    assert found.executors["LocalExecutor"].waits == 0


def test_runs_that_come_faster_than_they_end_pile_up() -> None:
    slow = Durations(otherwise_s=600)
    found = play(
        dag("d", "*/5 * * * *", max_active_runs=1, catchup=True, start_date=START), durations=slow
    )
    assert found.dags["d"].peak_runs == 1
    assert found.dags["d"].next == START + timedelta(hours=12, minutes=5)  # the 145th ends just now
    assert rules(found) == ["backlog", "late"]


def test_catching_up_is_said() -> None:
    found = play(dag("d", "@hourly", catchup=True))
    assert "catchup" in rules(found)
    assert len(found.dags["d"].runs) == 7 * 24 + 25


def test_a_run_that_exceeds_its_time_fails() -> None:
    found = play(dag("d", "0 6 * * *", length=3, dagrun_timeout=MINUTE))
    run = found.runs()[-1]
    assert (run.state, run.tasks, run.end) == ("failed", 1, run.run_after + MINUTE)
    assert "failure" in rules(found)
    assert found.pools["default_pool"].now == 0


@pytest.mark.parametrize(
    ("snapshot", "why"),
    [
        (dag("d", None), "the DAG has no schedule"),
        (dag("d", "@daily", is_paused=True), "the DAG is paused"),
    ],
)
def test_what_makes_no_runs_is_said(snapshot: DagSnapshot, why: str) -> None:
    found = play(snapshot)
    assert (found.runs(), found.dags["d"].left_out) == ([], why)


@pytest.mark.parametrize(
    ("schedule", "start", "message"),
    [
        ("30 2 * * *", datetime(2026, 3, 27, tzinfo=UTC), "not at 02:30, at 03:30 instead"),
        ("30 2,12 * * *", datetime(2026, 3, 27, tzinfo=UTC), "not at 02:30, at 03:30 instead"),
        ("0 * * * *", datetime(2026, 3, 27, tzinfo=UTC), None),
        ("0 * * * *", datetime(2026, 10, 23, tzinfo=UTC), None),
        ("30 5 * * *", datetime(2026, 3, 27, tzinfo=UTC), None),
    ],
)
def test_a_change_of_the_clocks(schedule: str, start: datetime, message: str | None) -> None:
    first = pendulum.datetime(2026, 3, 1, tz="Europe/Berlin")
    found = play(dag("d", schedule, start_date=first), start=start, days=5)
    said = [one.message for one in findings(found) if one.rule == "clock"]
    assert said == ([] if message is None else [said[0]])
    if message is not None:
        assert message in said[0]


def test_runs_that_follow_from_what_others_write() -> None:
    orders = Asset("orders")
    with DAG("load", schedule="@hourly", start_date=START - timedelta(days=7)) as made:
        EmptyOperator(task_id="t", outlets=[orders])
    plan = compile_dag(made, defaults=load_settings().core)
    load = DagSnapshot(plan=plan, version=1, code_hash="x", fileloc="/x.py", is_paused=False)
    found = play(load, dag("report", [orders]))
    assert found.dags["report"].left_out is None
    made_at = [run.made_at for run in found.dags["report"].runs]
    assert made_at == [run.end for run in found.dags["load"].runs if run.end is not None]
    assert made_at


def test_what_a_change_changes() -> None:
    before = play(dag("same", "@hourly"), dag("moved", "0 6 * * *"), dag("gone", "0 7 * * *"))
    after = play(
        dag("same", "@hourly"), dag("moved", "0 6 * * *", length=2), dag("new", "0 8 * * *")
    )
    gone, moved, new = compare(before, after)
    assert [one.dag_id for one in (gone, moved, new)] == ["gone", "moved", "new"]
    assert (len(gone.removed), len(moved.moved), len(new.added)) == (2, 2, 2)
    assert moved.latest_by == MINUTE
    assert compare(before, before) == []


@settings(deadline=None, max_examples=30)
@given(
    widths=st.lists(st.integers(1, 6), min_size=1, max_size=4),
    slots=st.integers(1, 8),
    pool=st.integers(1, 8),
)
def test_no_limit_is_exceeded_and_no_work_is_lost(widths: list[int], slots: int, pool: int) -> None:
    dags = [dag(f"d{n}", "0 */6 * * *", width=width, length=2) for n, width in enumerate(widths)]
    found = play(*dags, slots=slots, pools=(PoolSnapshot("default_pool", pool),))
    assert found.executors["LocalExecutor"].peak <= slots
    assert found.pools["default_pool"].peak <= pool
    ended = [run for run in found.runs() if run.end is not None]
    width_of = {f"d{n}": width for n, width in enumerate(widths)}
    assert all(run.tasks == 2 * width_of[run.dag_id] for run in ended)
    began = sum(run.tasks for run in found.runs())
    assert began == found.tasks
    most = 60 * found.tasks
    assert most - 60 * slots <= found.pools["default_pool"].busy_s <= most


def test_the_same_state_gives_the_same_forecast() -> None:
    dags = [dag(f"d{n}", "*/30 * * * *", width=3, length=2) for n in range(3)]
    assert play(*dags, slots=2) == play(*dags, slots=2)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (8, "8 s"), (250, "4 min 10 s"), (93784, "1 d 2 h")]
)
def test_durations_for_people(seconds: int, text: str) -> None:
    assert words(timedelta(seconds=seconds)) == text

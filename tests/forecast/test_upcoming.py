"""What unpausing a DAG would start is what it then starts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.forecast.test_play import START, dag, play
from tradewind.forecast.upcoming import NamedRun, upcoming
from tradewind.model.intervals import DataInterval
from tradewind.model.keys import RunKey
from tradewind.model.plan import Plan
from tradewind.model.snapshots import RunQuery, RunSnapshot
from tradewind.model.states import RunState, RunType

SCHEDULES = ("@daily", "*/45 * * * *", "0 6 * * 1", "@once", "@continuous", timedelta(hours=7))


def ids(runs: tuple[NamedRun, ...]) -> list[str]:
    return [run.run_id for run in runs]


@settings(deadline=None, max_examples=60)
@given(schedule=st.sampled_from(SCHEDULES), catchup=st.booleans(), days=st.integers(0, 9))
def test_the_engine_makes_the_runs_that_were_said(schedule: Any, catchup: bool, days: int) -> None:
    start = START - timedelta(days=days, hours=5)
    most = 1 if schedule == "@continuous" else 1000
    snapshot = dag("d", schedule, catchup=catchup, start_date=start, max_active_runs=most)
    said = upcoming(replace(snapshot, is_paused=True), START, 3)
    made = play(snapshot, days=0).runs()
    assert [run.run_id for run in made] == ids(said.overdue)
    if schedule != "@continuous":
        later = [run for run in play(snapshot, days=30).runs() if run.run_after > START]
        assert [run.run_id for run in later][: len(said.next)] == ids(said.next)
        assert len(said.next) == (0 if schedule == "@once" else 3)


def test_runs_that_are_there_are_not_made_again() -> None:
    asked: list[RunQuery] = []
    there = START - timedelta(days=1)

    def look_up(query: RunQuery) -> tuple[list[RunSnapshot], list[tuple[str, int, Plan]]]:
        asked.append(query)
        run = RunSnapshot(
            key=RunKey("d", "by_hand"),
            run_type=RunType.MANUAL,
            state=RunState.SUCCESS,
            version=1,
            run_after=there,
            logical_date=there,
            data_interval_start=there,
            data_interval_end=there,
        )
        return [run], []

    snapshot = dag("d", "@daily", catchup=True, start_date=START - timedelta(days=2))
    found = upcoming(snapshot, START, 1, look_up)
    assert ids(found.overdue) == [
        "scheduled__2026-03-26T00:00:00+00:00",
        "scheduled__2026-03-28T00:00:00+00:00",
    ]
    assert len(asked) == 1 and len(asked[0].run_ids) == 3


def test_it_goes_on_after_the_last_run() -> None:
    last = datetime(2026, 3, 26, tzinfo=UTC)
    snapshot = replace(
        dag("d", "@daily", catchup=True),
        last_automated=DataInterval.exact(last),
        last_run_after=last,
    )
    assert ids(upcoming(snapshot, START).overdue) == [
        "scheduled__2026-03-27T00:00:00+00:00",
        "scheduled__2026-03-28T00:00:00+00:00",
    ]


@pytest.mark.parametrize(
    ("snapshot", "why"),
    [
        (dag("d", None), "the DAG has no schedule"),
        (dag("d", "@daily", length=0), "the DAG has no tasks"),
        (replace(dag("d", "@daily"), is_stale=True), "the DAG is not in its file any more"),
    ],
)
def test_why_there_are_none(snapshot: Any, why: str) -> None:
    assert upcoming(snapshot, START).why_none == why

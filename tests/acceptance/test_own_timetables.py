"""Timetables of authors' own in the real product: no server process imports them, all ask them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.acceptance.product import Standalone, command
from tests.runtime.test_spare import eventually

pytestmark = [pytest.mark.acceptance, pytest.mark.xdist_group("own timetables")]

PLUGIN = """
from datetime import timedelta

import pendulum

from airflow.plugins_manager import AirflowPlugin
from airflow.timetables.base import DagRunInfo, DataInterval, Timetable


class AfterWorkday(Timetable):
    description = "After each workday"

    def __init__(self, weekend=(5, 6)):
        self.weekend = tuple(weekend)

    def _next_workday(self, day):
        while day.weekday() in self.weekend:
            day += timedelta(days=1)
        return day

    def infer_manual_data_interval(self, *, run_after):
        start = run_after.start_of("day").subtract(days=1)
        while start.weekday() in self.weekend:
            start = start.subtract(days=1)
        return DataInterval(start=start, end=start.add(days=1))

    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        if last_automated_data_interval is not None:
            start = last_automated_data_interval.start.add(days=1)
        elif restriction.earliest is None:
            return None
        else:
            start = restriction.earliest.start_of("day")
            if not restriction.catchup:
                start = max(start, pendulum.now("UTC").start_of("day").subtract(days=7))
        start = self._next_workday(start)
        if restriction.latest is not None and start > restriction.latest:
            return None
        return DagRunInfo.interval(start=start, end=start.add(days=1))

    def serialize(self):
        return {"weekend": list(self.weekend)}


class WorkdayPlugin(AirflowPlugin):
    name = "workdays"
    timetables = [AfterWorkday]
"""

DAGS = """
import pendulum
from workday import AfterWorkday

from airflow.sdk import DAG, task

START = pendulum.datetime(2024, 3, 1, tz="UTC")  # a Friday

for dag_id, end in (("past", pendulum.datetime(2024, 3, 12, tz="UTC")), ("by_hand", None)):
    with DAG(dag_id, schedule=AfterWorkday(), start_date=START, end_date=end,
             catchup=end is not None) as dag:
        @task
        def show(data_interval_start=None, data_interval_end=None):
            print("covers", data_interval_start.date(), data_interval_end.date())

        show()
"""

WORKDAYS = [1, 4, 5, 6, 7, 8, 11, 12]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standalone]:
    home = tmp_path_factory.mktemp("own") / "home"
    for folder, name, text in (("plugins", "workday.py", PLUGIN), ("dags", "days.py", DAGS)):
        (home / folder).mkdir(parents=True)
        (home / folder / name).write_text(text)
    with Standalone(home) as product:
        product.wait_for_dags("past", "by_hand")
        yield product


def test_its_runs_are_made_in_order(product: Standalone) -> None:
    product.run("dags", "unpause", "past")

    def made() -> list[str]:
        rows = product.listed("dags", "list-runs", "past", "--state", "success")
        return sorted(str(row["logical_date"])[:10] for row in rows)

    eventually(lambda: len(made()) == len(WORKDAYS))
    assert made() == [f"2024-03-{day:02}" for day in WORKDAYS]
    run_id = f"scheduled__{datetime(2024, 3, 5, tzinfo=UTC).isoformat()}"
    assert (
        "covers 2024-03-04 2024-03-05"
        in product.run("tasks", "logs", "past", run_id, "show").stdout
    )


def test_a_dated_run_by_hand_gets_the_interval_it_infers(product: Standalone) -> None:
    (row,) = product.listed("dags", "trigger", "by_hand", "-l", "2024-03-11T09:30:00", "-r", "mine")
    assert row["run_id"] == "mine"
    runs = product.listed("dags", "list-runs", "by_hand", "--columns", "run_id,logical_date")
    assert [run["run_id"] for run in runs] == ["mine"]


def test_the_next_run_is_shown(product: Standalone) -> None:
    def next_() -> str:
        (row,) = [
            row
            for row in product.listed("dags", "list", "--columns", "dag_id,next_run_after")
            if row["dag_id"] == "by_hand"
        ]
        return str(row["next_run_after"])

    eventually(lambda: next_() not in ("None", ""))
    assert datetime.fromisoformat(next_()) > datetime.now(UTC) - timedelta(days=8)


def test_what_is_to_come_is_told_ahead(product: Standalone) -> None:
    said = product.run("dags", "next-execution", "by_hand", "-n", "6").stdout.split()
    days = [datetime.fromisoformat(moment) for moment in said]
    assert len(days) == 6
    assert days == sorted(set(days))
    assert all(day.weekday() < 5 for day in days)
    planned = product.run("plan", "--days", "14", "--include-paused", "-o", "json").stdout
    plan = json.loads(planned)["dags"]["by_hand"]
    assert 9 <= len(plan["runs"]) <= 17, plan


def test_a_backfill_lists_and_makes_its_runs(product: Standalone) -> None:
    asked = ("backfill", "create", "--dag-id", "by_hand", "--from-date", "2024-02-01")
    asked = (*asked, "--to-date", "2024-02-09")
    wanted = [f"2024-02-{day:02}" for day in (1, 2, 5, 6, 7, 8, 9)]
    listed = product.listed(*asked, "--dry-run")
    assert [str(row["logical_date"])[:10] for row in listed] == wanted
    product.run("dags", "unpause", "by_hand")
    product.run(*asked)

    def made() -> list[str]:
        rows = product.listed("dags", "list-runs", "by_hand", "--state", "success")
        return sorted(
            str(row["logical_date"])[:10] for row in rows if "2024-02" in str(row["logical_date"])
        )

    eventually(lambda: len(made()) == len(wanted))
    assert made() == wanted


def test_without_a_scheduler_commands_ask_it_themselves(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for folder, name, text in (("plugins", "workday.py", PLUGIN), ("dags", "days.py", DAGS)):
        (home / folder).mkdir(parents=True)
        (home / folder / name).write_text(text)
    command(home, "db", "migrate")
    command(home, "dags", "reserialize")
    asked = ("backfill", "create", "--dag-id", "by_hand", "--from-date", "2024-02-01")
    listed = command(home, *asked, "--to-date", "2024-02-09", "--dry-run", "-o", "json").stdout
    days = [str(row["logical_date"])[8:10] for row in json.loads(listed)]
    assert days == ["01", "02", "05", "06", "07", "08", "09"]
    said = command(home, "dags", "test", "by_hand", "2024-03-11").stdout
    assert "covers 2024-03-08 2024-03-09" in said

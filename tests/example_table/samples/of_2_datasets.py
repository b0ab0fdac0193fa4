"""Datasets, as 2.4 to 2.11 had them, and an author's own timetable and weight strategy."""

from __future__ import annotations

from datetime import timedelta

import pendulum

from airflow import Dataset as DatasetOfThePackage
from airflow.datasets import Dataset, DatasetAlias
from airflow.datasets.metadata import Metadata
from airflow.decorators import task
from airflow.listeners import hookimpl
from airflow.models import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from airflow.plugins_manager import AirflowPlugin
from airflow.task.priority_strategy import PriorityWeightStrategy
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable
from airflow.timetables.datasets import DatasetOrTimeSchedule
from airflow.timetables.trigger import CronTriggerTimetable

START = pendulum.datetime(2024, 1, 1, tz="UTC")
grain = Dataset("s3://store/grain.parquet", extra={"kind": "wheat"})
flour = DatasetOfThePackage("s3://store/flour.parquet")
bags = DatasetAlias("bags")


class EveryFullMoon(Timetable):
    def next_dagrun_info(
        self,
        *,
        last_automated_data_interval: DataInterval | None,
        restriction: TimeRestriction,
    ) -> DagRunInfo | None:
        last = last_automated_data_interval
        start = last.end if last else restriction.earliest
        return start and DagRunInfo.interval(start=start, end=start + timedelta(days=29.5))

    def infer_manual_data_interval(self, run_after: pendulum.DateTime) -> DataInterval:
        return DataInterval(start=run_after - timedelta(days=29.5), end=run_after)


class FirstTriesFirst(PriorityWeightStrategy):
    def get_weight(self, ti) -> int:
        return 10 - ti.try_number


class Mine(AirflowPlugin):
    name = "mine"
    timetables = [EveryFullMoon]
    priority_weight_strategies = [FirstTriesFirst]


@hookimpl
def on_dag_run_success(dag_run, msg): ...


with DAG("mill", schedule="@daily", start_date=START) as mill:
    BashOperator(task_id="grow", bash_command="true", outlets=[grain])

    @task(outlets=[flour])
    def grind():
        yield Metadata(flour, {"rows": 3})

    @task(outlets=[bags])
    def fill(*, outlet_events):
        outlet_events[bags].add(flour)

    grind() >> fill()

with DAG("bakery", schedule=[grain, flour], start_date=START):
    PythonOperator(
        task_id="bake", python_callable=print, inlets=[flour], weight_rule=FirstTriesFirst()
    )
with DAG("brewery", schedule=(grain | (flour & bags)), start_date=START):
    BashOperator(task_id="brew", bash_command="true")
with DAG(
    "shop",
    schedule=DatasetOrTimeSchedule(
        timetable=CronTriggerTimetable("0 6 * * *", timezone="UTC"), datasets=(grain & flour)
    ),
    start_date=START,
):
    BashOperator(task_id="sell", bash_command="true")
with DAG("feast", schedule=EveryFullMoon(), start_date=START):
    BashOperator(task_id="eat", bash_command="true")

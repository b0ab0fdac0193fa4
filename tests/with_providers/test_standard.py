"""The operators and sensors of the standard provider's own package, in place of Tradewind's."""

import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import airflow.providers.standard
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.datetime import BranchDateTimeOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.latest_only import LatestOnlyOperator
from airflow.providers.standard.operators.python import (
    BranchPythonOperator,
    ExternalPythonOperator,
    PythonOperator,
    ShortCircuitOperator,
)
from airflow.providers.standard.operators.smooth import SmoothOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.providers.standard.sensors.bash import BashSensor
from airflow.providers.standard.sensors.date_time import DateTimeSensorAsync
from airflow.providers.standard.sensors.python import PythonSensor
from airflow.providers.standard.sensors.time_delta import TimeDeltaSensor
from airflow.sdk import DAG, Asset, Metadata, task
from tests.with_providers.conftest import Run

ROWS = Asset("x://rows")


def write() -> Iterator[Any]:
    yield Metadata(ROWS, {"count": 3})
    return 7


async def wait() -> int:
    return 5


def four() -> int:
    return 4


SKIPPED = {"left_out", "never"}


def test_they_run(run: Callable[[DAG], Run]) -> None:
    assert "site-packages" in str(airflow.providers.standard.__file__)
    with DAG("all_of_it", schedule=None) as dag:
        writes = PythonOperator(task_id="writes", python_callable=write, outlets=[ROWS])
        prints = BashOperator(
            task_id="prints", bash_command="test {{ ti.xcom_pull(task_ids='writes') }} = 7"
        )
        chooses = BranchPythonOperator(task_id="chooses", python_callable=lambda: "goes_on")
        goes_on = ShortCircuitOperator(task_id="goes_on", python_callable=lambda: True)
        writes >> prints >> chooses >> [goes_on, EmptyOperator(task_id="left_out")]
        goes_on >> LatestOnlyOperator(task_id="latest") >> SmoothOperator(task_id="smooth")
        PythonOperator(task_id="waits", python_callable=wait)
        ExternalPythonOperator(task_id="elsewhere", python=sys.executable, python_callable=four)
        BranchDateTimeOperator(
            task_id="by_date",
            follow_task_ids_if_true="now",
            follow_task_ids_if_false="never",
            target_lower=datetime(2000, 1, 1),
            target_upper=datetime(2999, 1, 1),
        ) >> [EmptyOperator(task_id="now"), EmptyOperator(task_id="never")]
        BashSensor(task_id="looks", bash_command="true")
        PythonSensor(task_id="asks", python_callable=lambda: True)
        TimeDeltaSensor(task_id="deferred", delta=timedelta(seconds=0), deferrable=True)
        DateTimeSensorAsync(task_id="also_deferred", target_time="2020-01-01T00:00:00+00:00")
        TriggerDagRunOperator(task_id="triggers", trigger_dag_id="all_of_it")

        @task.branch
        def picks() -> str:
            return "picked"

        @task.bash
        def picked() -> str:
            return "true"

        @task
        def each(value: int) -> int:
            return value

        picks() >> picked()
        each.expand(value=[1, 2])
    done = run(dag)
    assert done.states == {
        name: "skipped" if name in SKIPPED else "success" for name in dag.task_ids
    }
    assert (done.results["writes"], done.results["waits"], done.results["elsewhere"]) == (7, 5, 4)

"""Tasks that wait for each other across DAGs, in a running product: rescheduled, triggered, and in
triggers.
"""

from collections.abc import Iterator

import pytest

from tests.acceptance.product import Standalone

pytestmark = pytest.mark.acceptance

DAGS = """
from datetime import datetime
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.providers.standard.sensors.external_task import ExternalTaskSensor
from airflow.sdk import DAG, PokeReturnValue, task

with DAG("front", start_date=datetime(2024, 1, 1), schedule=None):
    TriggerDagRunOperator(
        task_id="make",
        trigger_dag_id="back",
        logical_date="{{ logical_date }}",
        conf={"asked_by": "{{ run_id }}"},
        wait_for_completion=True,
        poke_interval=1,
    )
    ExternalTaskSensor(
        task_id="wait",
        external_dag_id="back",
        external_task_id="third_time",
        mode="reschedule",
        poke_interval=0.5,
        timeout=600,
    )
    TriggerDagRunOperator(
        task_id="make_deferred",
        trigger_dag_id="back",
        trigger_run_id="other",
        logical_date="2024-01-02",
        conf={"asked_by": "{{ run_id }}"},
        wait_for_completion=True,
        deferrable=True,
        poke_interval=1,
    )
    ExternalTaskSensor(
        task_id="wait_deferred",
        external_dag_id="back",
        external_task_ids=["third_time"],
        deferrable=True,
        poke_interval=0.5,
        timeout=600,
    )

with DAG("back", start_date=datetime(2024, 1, 1), schedule=None, max_active_tasks=1):
    @task.sensor(mode="reschedule", poke_interval=0.2)
    def third_time(task_reschedule_count=None, ti=None, dag_run=None):
        print("asked by", dag_run.conf["asked_by"])
        assert ti.try_number == 1
        return PokeReturnValue(task_reschedule_count == 2, task_reschedule_count)

    third_time()
"""


@pytest.fixture
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standalone]:
    home = tmp_path_factory.mktemp("waiting") / "home"
    (home / "dags").mkdir(parents=True)
    (home / "dags" / "both.py").write_text(DAGS)
    with Standalone(home) as running:
        running.wait_for_dags("front", "back")
        yield running


def test_a_run_makes_another_and_waits_for_it(product: Standalone) -> None:
    for dag_id in ("front", "back"):
        product.run("dags", "unpause", dag_id)
    date = "2024-03-01T00:00:00+00:00"
    product.run("dags", "trigger", "front", "--run-id", "one", "--logical-date", date)

    for _ in range(400):
        state = product.run("dags", "state", "front", "one").stdout
        if state.startswith(("success", "failed")):
            break

    states = {
        row["task_id"]: row["state"]
        for row in product.listed("tasks", "states-for-dag-run", "front", "one")
    }
    names = ("make", "wait", "make_deferred", "wait_deferred")
    assert states == dict.fromkeys(names, "success")
    made = {row["run_id"]: row["state"] for row in product.listed("dags", "list-runs", "back")}
    assert made == {f"manual__{date}": "success", "other": "success"}

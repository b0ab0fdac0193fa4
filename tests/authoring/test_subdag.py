"""SubDagOperator: the inner DAG's tasks run as a group of the outer one, and mean the same."""

from pathlib import Path

import pytest

from tests.authoring.conftest import MemoryHost
from tradewind import DAG, BaseOperator, TaskGroup
from tradewind.authoring.compile import compile_dag
from tradewind.authoring.errors import AirflowException
from tradewind.authoring.subdag import SubDagOperator
from tradewind.config.load import load_settings
from tradewind.config.settings import Core
from tradewind.loading.read_file import read_file
from tradewind.model.plan import TriggerRule
from tradewind.model.states import RunState
from tradewind.testing.engine import run_dag


def inner(dag_id: str) -> DAG:
    with DAG(dag_id) as dag:
        first = BaseOperator(task_id="first")
        with TaskGroup("more"):
            first >> [BaseOperator(task_id="a"), BaseOperator(task_id="b")]
    return dag


def test_its_tasks_join_the_outer_dag() -> None:
    with DAG("outer") as dag:
        start, end = BaseOperator(task_id="start"), BaseOperator(task_id="end")
        start >> SubDagOperator(task_id="one", subdag=inner("outer.one")) >> end
        SubDagOperator(
            task_id="two", subdag=inner("outer.two"), trigger_rule="all_done", pool="default_pool"
        )
    plan = compile_dag(dag, defaults=Core())
    assert {task.task_id: task.upstream for task in plan.tasks} == {
        "start": (),
        "one.first": ("start",),
        "one.more.a": ("one.first",),
        "one.more.b": ("one.first",),
        "end": ("one.more.a", "one.more.b"),
        "two.first": (),
        "two.more.a": ("two.first",),
        "two.more.b": ("two.first",),
    }
    assert [group.group_id for group in plan.groups] == ["one", "one.more", "two", "two.more"]
    rules = {task.task_id: task.trigger_rule for task in plan.tasks}
    assert rules["two.first"] is TriggerRule.ALL_DONE
    assert rules["two.more.a"] is TriggerRule.ALL_SUCCESS
    assert (plan.profile, plan.profile_reason[-19:]) == (2, "uses SubDagOperator")


def test_one_within_another() -> None:
    with DAG("outer.one") as middle:
        SubDagOperator(task_id="deep", subdag=inner("outer.one.deep"))
    with DAG("outer") as dag:
        group = SubDagOperator(task_id="one", subdag=middle)
    assert "one.deep.more.b" in dag.task_dict
    task = dag.get_task("one.deep.more.b")
    assert task.task_group is not None
    assert task.task_group.id_within("first") == "one.deep.first"
    assert group.id_within("deep.first") == "one.deep.first"
    assert group.id_within("elsewhere") == "elsewhere"


def test_a_wrong_name_is_refused() -> None:
    with DAG("outer"):
        with pytest.raises(AirflowException, match=r"must be 'outer.one', not 'one'"):
            SubDagOperator(task_id="one", subdag=inner("one"))
        with pytest.raises(TypeError, match=r"'retrys'; did you mean 'retries'"):
            SubDagOperator(task_id="one", subdag=inner("outer.one"), retrys=1)


FILE = """
from datetime import datetime
from airflow import DAG
from airflow.operators.python_operator import PythonOperator
from tradewind.authoring.subdag import SubDagOperator

def inner(name, number):
    dag = DAG(name, start_date=datetime(2024, 1, 1), schedule_interval="@daily")
    push = PythonOperator(task_id="push", python_callable=lambda: number, dag=dag)
    pull = PythonOperator(
        task_id="pull", python_callable=lambda ti: ti.xcom_pull(task_ids="push"), dag=dag)
    push >> pull
    return dag

dag = DAG("outer", start_date=datetime(2024, 1, 1), schedule_interval=None)
first = inner("outer.one", 1)
SubDagOperator(task_id="one", subdag=first, dag=dag) >> SubDagOperator(
    task_id="two", subdag=inner("outer.two", 2), dag=dag)
"""


@pytest.mark.filterwarnings("ignore:.*was removed:DeprecationWarning")
def test_within_it_ids_mean_its_own_tasks(tmp_path: Path) -> None:
    path = tmp_path / "dags" / "file.py"
    path.parent.mkdir()
    path.write_text(FILE)
    settings = load_settings({"TRADEWIND_HOME": str(tmp_path)})
    parsed = read_file(path, settings, MemoryHost())
    assert [plan.dag_id for plan in parsed.plans] == ["outer"]
    done = run_dag(path, dag_id="outer", settings=settings)
    assert done.state is RunState.SUCCESS
    values = {key.task_id: value["return_value"] for key, value in done.xcoms.items()}
    assert values == {"one.push": 1, "one.pull": 1, "two.push": 2, "two.pull": 2}

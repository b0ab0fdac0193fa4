"""The article's first three listings, as files of their own: load, compile, run to the end."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tradewind.authoring import dag_file
from tradewind.authoring.compile import compile_dag
from tradewind.config.settings import Core, Settings
from tradewind.model.plan import Plan
from tradewind.model.states import RunState
from tradewind.testing.engine import RunResult, run_dag

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*is deprecated:DeprecationWarning", "ignore:.*was removed:DeprecationWarning"
)

CONTEXT_MANAGER = """
from datetime import datetime, timedelta
from airflow import DAG
from airflow.operators.bash import BashOperator
with DAG("mlops", default_args={"retries": 1}, schedule=timedelta(days=1),
         start_date=datetime(2023, 1, 1)) as dag:
    task1 = BashOperator(task_id="print_date", bash_command="date")
    task2 = BashOperator(task_id="load_table", bash_command="echo {{ ds }}")
    task3 = BashOperator(task_id="report", bash_command="echo {{ ti.xcom_pull('load_table') }}")
    task1 >> [task2, task3]
    task2.set_downstream([task3])
"""
DAG_ARGUMENT = """
from airflow import DAG
from airflow.operators.python import PythonOperator
dag = DAG('mlops_dag')
def train_model(ti):
    ti.xcom_push(key='model_path', value='/models/1')
def deploy_model(ti):
    return ti.xcom_pull(key='model_path', task_ids='train_model')
train_model_task = PythonOperator(task_id='train_model', python_callable=train_model, dag=dag)
deploy_model_task = PythonOperator(task_id='deploy_model', python_callable=deploy_model, dag=dag)
train_model_task >> deploy_model_task
"""
DECORATORS = """
from datetime import datetime
from airflow.decorators import dag, task
@dag(start_date=datetime(2023, 1, 1), schedule_interval='@daily', catchup=False)
def mlops():
    @task
    def load_data():
        df = [1, 2]
        return df
    @task
    def preprocessing(data):
        return [2 * item for item in data]
    @task
    def fit(data):
        return None
    df = load_data(); data = preprocessing(df); model = fit(data)
dag = mlops()
"""
ARGUMENTS_OF_1_10 = """
import datetime
import airflow
from airflow.models import DAG
from airflow.operators.python_operator import PythonOperator
default_args = {'owner': 'airflow', 'depends_on_past': False,
                'start_date': airflow.utils.dates.days_ago(2),
                'retries': 1, 'retry_delay': datetime.timedelta(hours=1)}
dag = DAG('resnet_model', default_args=default_args, description='A simple DAG',
          schedule_interval='@daily', catchup=False)
def read_images(**kwargs):
    kwargs['ti'].xcom_push(key='images', value=['a.png'])
def preprocess(**kwargs):
    return kwargs['ti'].xcom_pull(key='images', task_ids='read_images')
read = PythonOperator(task_id='read_images', python_callable=read_images, provide_context=True,
                      dag=dag)
pre = PythonOperator(task_id='preprocess', python_callable=preprocess, provide_context=True,
                     dag=dag)
read >> pre
"""


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """Where a listing is written; the import path is as before afterwards."""
    before = list(sys.path)
    yield tmp_path / "listing.py"
    sys.path[:] = before


def load(path: Path, source: str) -> Plan:
    path.write_text(source)
    (dag,) = dag_file.load(path, dags_folder=path.parent).dags
    return compile_dag(dag, defaults=Core())


def run(path: Path, source: str) -> RunResult:
    path.write_text(source)
    folder = path.parent
    settings = Settings(home=folder, core=Core(dags_folder=folder, plugins_folder=folder / "p"))
    return run_dag(path, settings=settings)


def returned(result: RunResult) -> dict[str, object]:
    return {
        key.task_id: values["return_value"]
        for key, values in result.xcoms.items()
        if "return_value" in values
    }


def test_context_manager(path: Path) -> None:
    plan = load(path, CONTEXT_MANAGER)
    assert (plan.profile, plan.schedule.kind, plan.catchup) == (3, "delta_trigger", False)
    assert [(task.task_id, task.upstream, task.retries) for task in plan.tasks] == [
        ("print_date", (), 1),
        ("load_table", ("print_date",), 1),
        ("report", ("load_table", "print_date"), 1),
    ]
    result = run(path, CONTEXT_MANAGER)
    assert result.state is RunState.SUCCESS
    assert returned(result)["report"] == returned(result)["load_table"]


def test_dag_argument(path: Path) -> None:
    plan = load(path, DAG_ARGUMENT)
    assert (plan.profile, plan.schedule.kind) == (3, "null")
    result = run(path, DAG_ARGUMENT)
    assert result.state is RunState.SUCCESS
    assert returned(result) == {"deploy_model": "/models/1"}


def test_decorators(path: Path) -> None:
    plan = load(path, DECORATORS)
    assert (plan.profile, plan.schedule.kind, plan.catchup) == (2, "cron_data_interval", False)
    assert plan.profile_reason == "listing.py:4 passes schedule_interval to DAG"
    assert [task.task_id for task in plan.tasks] == ["load_data", "preprocessing", "fit"]
    result = run(path, DECORATORS)
    assert result.state is RunState.SUCCESS
    assert returned(result) == {"load_data": [1, 2], "preprocessing": [2, 4]}


def test_arguments_of_1_10(path: Path) -> None:
    plan = load(path, ARGUMENTS_OF_1_10)
    assert plan.profile == 2
    assert plan.profile_reason == (
        "listing.py:5 imports PythonOperator from airflow.operators.python_operator"
    )
    assert plan.start_date is not None
    assert plan.tasks[0].retry_delay_s == 3600
    result = run(path, ARGUMENTS_OF_1_10)
    assert returned(result) == {"preprocess": ["a.png"]}

"""The first three listings of a well-known introduction to Airflow 2.5, word for word.

Only what the article leaves open is filled in: imports, `...` bodies and the functions it calls but
does not show. While there is no `airflow.providers.mysql`, a stand-in that reads its `.sql` file
and logs it takes the place of MySqlOperator; the real one needs a server, so once it is importable
the task that uses it is loaded and compiled but passed over.
"""

import importlib
import json
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.acceptance.product import Standalone
from tradewind.config.load import load_settings
from tradewind.model.states import RunState
from tradewind.testing.engine import run_dag

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*is deprecated:DeprecationWarning", "ignore:.*was removed:DeprecationWarning"
)

RUN_WITHIN_S = 60.0
"""Far above what it takes: the machine may be busy."""

try:
    importlib.import_module("airflow.providers.mysql")
except ModuleNotFoundError:
    THERE_IS_MYSQL = False
    MYSQL_OPERATOR = """
from airflow.models.baseoperator import BaseOperator
class MySqlOperator(BaseOperator):
    template_fields = ("sql",)
    template_ext = (".sql",)
    def __init__(self, *, sql, **kwargs):
        super().__init__(**kwargs)
        self.sql = sql
    def execute(self, context):
        print(self.sql)
"""
else:
    THERE_IS_MYSQL = True
    MYSQL_OPERATOR = "from airflow.providers.mysql.operators.mysql import MySqlOperator"

CONTEXT_MANAGERS = """
from airflow import DAG
with DAG("mlops", default_args={"retries": 1}, schedule=timedelta(days=1), start_date=datetime(2023, 1, 1)) as dag:
    ...
with DAG("tutorial") as dag:
    task1 = BashOperator(task_id="print_date", bash_command="date")
    task2 = MySqlOperator(task_id="load_table", sql="/scripts/load_table.sql")
task1 >> task2 >> task3
task1 >> [task2, task3]
t1.set_downstream([t2, t3])
"""
XCOMS_BY_KEY = """
dag = DAG('mlops_dag')
def train_model(ti):
    model_path = train_and_save_model()
    ti.xcom_push(key='model_path', value=model_path)
def deploy_model(ti):
    model_path = ti.xcom_pull(key='model_path', task_ids='train_model')
    deploy_trained_model(model_path)
train_model_task = PythonOperator(task_id='train_model', python_callable=train_model, dag=dag)
deploy_model_task = PythonOperator(task_id='deploy_model', python_callable=deploy_model, dag=dag)
train_model_task >> deploy_model_task
"""
TASKFLOW = """
@dag(start_date=datetime(2023, 1, 1), schedule_interval='@daily', catchup=False)
def mlops():
    @task
    def load_data(): ...; return df
    @task
    def preprocessing(data): ...; return data
    @task
    def fit(data): return None
    df = load_data(); data = preprocessing(df); model = fit(data)
dag = mlops()
"""


@dataclass(frozen=True, slots=True)
class Listing:
    """The article's text, what stands before it, what takes the place of what it leaves out."""

    text: str
    before: str
    filled: dict[str, str]
    dags: dict[str, list[str]]
    """Tasks by DAG, in the order they run."""
    logged: dict[str, str] = field(default_factory=dict)
    """What tasks print."""

    def write(self, folder: Path) -> Path:
        """Write it as a DAG file, and the SQL file that it names."""
        text = self.text
        for gap, filling in self.filled.items():
            assert gap in text
            text = text.replace(gap, filling, 1)
        (folder / "scripts").mkdir(parents=True, exist_ok=True)
        (folder / "scripts" / "load_table.sql").write_text("SELECT '{{ dag.dag_id }}'")
        path = folder / "listing.py"
        path.write_text(self.before + text)
        return path


LISTINGS = {
    "context_managers": Listing(
        CONTEXT_MANAGERS,
        before="from datetime import datetime, timedelta\n"
        f"from airflow.operators.bash import BashOperator\n{MYSQL_OPERATOR}",
        filled={
            "    ...\n": '    BashOperator(task_id="train", bash_command="echo training")\n',
            "task1 >> task2 >> task3": "    t1, t2 = task1, task2\n"
            '    t3 = task3 = BashOperator(task_id="report", bash_command="echo done")\n'
            "task1 >> task2 >> task3",
        },
        dags={"mlops": ["train"], "tutorial": ["print_date", "load_table", "report"]},
        logged={} if THERE_IS_MYSQL else {"load_table": "SELECT 'tutorial'"},
    ),
    "xcoms_by_key": Listing(
        XCOMS_BY_KEY,
        before="from airflow import DAG\nfrom airflow.operators.python import PythonOperator\n"
        "def train_and_save_model(): return '/models/1'\n"
        "def deploy_trained_model(path): print('deployed', path)\n",
        filled={},
        dags={"mlops_dag": ["train_model", "deploy_model"]},
        logged={"deploy_model": "deployed /models/1"},
    ),
    "taskflow": Listing(
        TASKFLOW,
        before="from datetime import datetime\nfrom airflow.decorators import dag, task\n",
        filled={
            "load_data(): ...;": "load_data(): df = [3, 1, 2];",
            "preprocessing(data): ...;": "preprocessing(data): data = sorted(data); print(data);",
        },
        dags={"mlops": ["load_data", "preprocessing", "fit"]},
        logged={"preprocessing": "[1, 2, 3]"},
    ),
}


@pytest.fixture(params=LISTINGS)
def listing(request: pytest.FixtureRequest) -> Listing:
    return LISTINGS[request.param]


def test_it_runs_in_this_process(
    listing: Listing, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = load_settings({"TRADEWIND_HOME": str(tmp_path)})
    path = listing.write(tmp_path / "dags")
    for dag_id, tasks in listing.dags.items():
        done = run_dag(
            path,
            dag_id=dag_id,
            settings=settings,
            mark_success="^load_table$" if THERE_IS_MYSQL else None,
        )
        assert done.state is RunState.SUCCESS
        ended = sorted(done.tasks.values(), key=lambda task: str(task.end_date))
        assert [task.key.task_id for task in ended] == tasks
    printed = capsys.readouterr().out
    assert all(text in printed for text in listing.logged.values())


@pytest.mark.acceptance
@pytest.mark.slow
def test_it_runs_under_standalone(listing: Listing, tmp_path: Path) -> None:
    home = tmp_path / "home"
    listing.write(home / "dags")
    with Standalone(home) as product:
        product.wait_for_dags(*listing.dags)
        for dag_id, tasks in listing.dags.items():
            if THERE_IS_MYSQL and "load_table" in tasks:
                continue
            product.run("dags", "unpause", dag_id)
            product.run("dags", "trigger", dag_id, "-r", "by_hand")
            assert wait_for_end(product, dag_id) == "success"
            rows = product.listed("tasks", "states-for-dag-run", dag_id, "by_hand")
            assert {row["task_id"]: row["state"] for row in rows} == dict.fromkeys(tasks, "success")
            for task_id, text in listing.logged.items():
                if task_id in tasks:
                    assert text in product.run("tasks", "logs", dag_id, "by_hand", task_id).stdout


def wait_for_end(product: Standalone, dag_id: str) -> str:
    """The state in which the run `by_hand` ends."""
    deadline = time.monotonic() + RUN_WITHIN_S
    while True:
        rows = product.run("dags", "list-runs", dag_id, "-o", "json").stdout
        (state,) = [str(row["state"]) for row in json.loads(rows) if row["run_id"] == "by_hand"]
        if state in {"success", "failed"}:
            return state
        assert time.monotonic() < deadline, rows

"""The listings of a well-known introduction to Airflow 2.5, word for word.

Two load as they are printed, once their imports stand before them. The others are not whole files:
one uses names that it never defines, one hands on a variable that nobody sets, one is the inside of
a task. What they leave open is filled in, and nothing else: imports, `...` bodies, the functions and
operators that are only spoken of.

While a provider package that a listing imports is not installed, a stand-in of a few lines takes the
place of its class, and the tasks run. Once it is, the real one is loaded and compiled, and the tasks
that need its service are passed over.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import pytest

from tests import postgresql
from tests.acceptance.product import Standalone, command
from tests.authoring.conftest import MemoryHost
from tradewind.config.load import load_settings
from tradewind.loading.read_file import read_file
from tradewind.model.plan import Plan
from tradewind.model.states import RunState
from tradewind.testing.engine import run_dag

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*is deprecated:DeprecationWarning", "ignore:.*was removed:DeprecationWarning"
)

RUN_WITHIN_S = 240.0
"""Far above what it takes: the machine may be busy."""


def provided(module: str, name: str, stand_in: str) -> str:
    """An import of the provider's class where it is installed, else the stand-in."""
    try:
        import_module(module)
    except ImportError:
        return stand_in
    return f"from {module} import {name}\n"


MYSQL_OPERATOR = provided(
    "airflow.providers.mysql.operators.mysql",
    "MySqlOperator",
    """
from airflow.models.baseoperator import BaseOperator
class MySqlOperator(BaseOperator):
    template_fields = ("sql",)
    template_ext = (".sql",)
    def __init__(self, *, sql, **kwargs):
        super().__init__(**kwargs)
        self.sql = sql
    def execute(self, context):
        print(self.sql)
""",
)
POSTGRES_HOOK = provided(
    "airflow.providers.postgres.hooks.postgres",
    "PostgresHook",
    """
from airflow.hooks.base import BaseHook
class PostgresHook(BaseHook):
    def __init__(self, postgres_conn_id):
        self.url = self.get_connection(postgres_conn_id).extra_dejson["url"]
    def get_conn(self):
        import psycopg
        return psycopg.connect(self.url)
""",
)
S3_HOOK = provided(
    "airflow.providers.amazon.aws.hooks.s3",
    "S3Hook",
    """
from types import SimpleNamespace
class S3Hook:
    def __init__(self, aws_conn_id):
        self.aws_conn_id = aws_conn_id
    def get_bucket(self, name):
        found = [SimpleNamespace(key=f"{name}/{letter}.png") for letter in "ab"]
        return SimpleNamespace(objects=SimpleNamespace(all=lambda: found))
""",
)
UPLOAD = provided(
    "airflow.providers.amazon.aws.transfers.local_to_s3",
    "LocalFilesystemToS3Operator",
    """
from airflow.models import BaseOperator
class LocalFilesystemToS3Operator(BaseOperator):
    def __init__(self, *, filename, dest_key, dest_bucket, **kwargs):
        super().__init__(**kwargs)
        self.told = f"{filename} to {dest_bucket}/{dest_key}"
    def execute(self, context):
        print(self.told)
""",
)
POD_OPERATOR = provided(
    "airflow.providers.cncf.kubernetes.operators.pod",
    "KubernetesPodOperator",
    """
from airflow.models import BaseOperator
class KubernetesPodOperator(BaseOperator):
    def __init__(self, *, namespace, image, name, cmds, arguments, is_delete_operator_pod,
                 hostnetwork, **kwargs):
        super().__init__(**kwargs)
        self.told = f"{name} in {namespace}: {image} {cmds} {arguments}"
    def execute(self, context):
        print(self.told)
""",
)

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

HOOK = """
pg_hook = PostgresHook(postgres_conn_id='postgres_custom')
conn = pg_hook.get_conn(); cursor = conn.cursor()
cursor.execute('create table _mytable (ModelID int, ModelName varchar(255))')
cursor.close(); conn.close()
"""
RESNET = """
default_args = {'owner': 'airflow', 'depends_on_past': False, 'start_date': airflow.utils.dates.days_ago(2),
                'retries': 1, 'retry_delay': datetime.timedelta(hours=1)}
dag = DAG('resnet_model', default_args=default_args, description='A simple DAG to demonstrate Airflow with PyTorch and Kubernetes',
          schedule_interval='@daily', catchup=False)

def read_images_from_s3(**kwargs):
    s3_conn = S3Hook(aws_conn_id='aws_default')        # from airflow.providers.amazon.aws.hooks.s3
    images = []
    for obj in s3_conn.get_bucket('mybucket').objects.all():
        images.append(obj.key)
    kwargs['ti'].xcom_push(key='images', value=images)
read_images = PythonOperator(task_id='read_images', python_callable=read_images_from_s3, provide_context=True, dag=dag)
# preprocess, fit_model: PythonOperators that pull and push by key; torch.save(model, 'trained_model.pt')
# upload: an S3 file operator (source_base_path, source_key, dest_s3_bucket, dest_s3_key): the provider's own nearest operators,
#         and the old module path airflow.operators.s3_file_transform_operator
deploy_model = KubernetesPodOperator(namespace='default', image='myimage:latest', name='deploy-model', task_id='deploy_model',
    cmds=['python', 'deploy.py'], arguments=[model], is_delete_operator_pod=True, hostnetwork=False, dag=dag)
read_images >> preprocess >> fit_model >> upload_model >> deploy_model
"""
SPOKEN_OF = """
def preprocess_images(**kwargs):
    images = kwargs['ti'].xcom_pull(task_ids='read_images', key='images')
    kwargs['ti'].xcom_push(key='processed', value=[image.upper() for image in images])
def fit(**kwargs):
    processed = kwargs['ti'].xcom_pull(task_ids='preprocess', key='processed')
    print('fitting', processed, kwargs['ds'], kwargs['execution_date'])
    kwargs['ti'].xcom_push(key='model', value='trained_model.pt')
preprocess = PythonOperator(task_id='preprocess', python_callable=preprocess_images, provide_context=True, dag=dag)
fit_model = PythonOperator(task_id='fit_model', python_callable=fit, provide_context=True, dag=dag)
upload_model = LocalFilesystemToS3Operator(
    task_id='upload_model', filename='trained_model.pt', dest_key='model.pt', dest_bucket='mybucket', dag=dag)
model = "{{ ti.xcom_pull(task_ids='fit_model', key='model') }}"
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
    real: tuple[str, ...] = ()
    """Tasks that need an outside service, as the provider's own class is installed."""
    left_open: str | None = None
    """What the listing as it is printed does not define; None where it defines everything."""

    def write(self, folder: Path) -> Path:
        """Write it as a DAG file, and the SQL file that it names."""
        text = self.text
        (folder / "scripts").mkdir(parents=True, exist_ok=True)
        (folder / "scripts" / "load_table.sql").write_text("SELECT '{{ dag.dag_id }}'")
        for gap, filling in self.filled.items():
            assert gap in text
            text = text.replace(gap, filling, 1)
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
        logged={"load_table": "SELECT 'tutorial'"},
        real=("load_table",) if "import MySqlOperator" in MYSQL_OPERATOR else (),
        left_open="task3",
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
    "hook": Listing(
        HOOK,
        before="from airflow import DAG\nfrom airflow.operators.python import PythonOperator\n"
        f"{POSTGRES_HOOK}"
        "with DAG('make_table') as dag:\n"
        "  @dag.task\n"
        "  def make():\n",
        filled={
            **{line: f"    {line}" for line in HOOK.strip().split("\n")},
            "    cursor.close()": "    print('made by', cursor.statusmessage); cursor.close()",
            "conn.close()": "conn.close()\n  make()",
        },
        dags={"make_table": ["make"]},
        logged={"make": "made by CREATE TABLE"},
        real=("make",) if "import PostgresHook" in POSTGRES_HOOK else (),
    ),
    "resnet": Listing(
        RESNET,
        before="import datetime\nimport airflow\nfrom airflow import DAG\n"
        "from airflow.operators.python_operator import PythonOperator\n"
        f"{S3_HOOK}{UPLOAD}{POD_OPERATOR}",
        filled={"deploy_model = ": f"{SPOKEN_OF}deploy_model = "},
        dags={
            "resnet_model": [
                "read_images",
                "preprocess",
                "fit_model",
                "upload_model",
                "deploy_model",
            ]
        },
        logged={
            "fit_model": "fitting ['MYBUCKET/A.PNG', 'MYBUCKET/B.PNG'] 20",
            "upload_model": "trained_model.pt to mybucket/model.pt",
        },
        real=tuple(
            task_id
            for task_id, code in {
                "read_images": S3_HOOK,
                "upload_model": UPLOAD,
                "deploy_model": POD_OPERATOR,
            }.items()
            if "import airflow.providers" in code or "from airflow.providers" in code
        ),
        left_open="model",
    ),
}


@pytest.fixture(params=LISTINGS)
def listing(request: pytest.FixtureRequest) -> Listing:
    return LISTINGS[request.param]


@pytest.fixture
def connection(postgresql_server: postgresql.Server) -> dict[str, str]:
    """The environment that names the database of the listing with the hook."""
    url = postgresql_server.url(postgresql_server.create())
    value = json.dumps({"conn_type": "postgres", "extra": {"url": url}})
    return {"AIRFLOW_CONN_POSTGRES_CUSTOM": value}


Read = Callable[[Path], tuple[tuple[Plan, ...], str | None]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """The DAGs of a file, or its error, as the dag-processor finds them."""

    def read_one(path: Path) -> tuple[tuple[Plan, ...], str | None]:
        settings = load_settings({"TRADEWIND_HOME": str(tmp_path)})
        parsed = read_file(path, settings, MemoryHost())
        return parsed.plans, parsed.error

    return read_one


@pytest.mark.parametrize("name", [name for name in LISTINGS if name != "hook"])
def test_as_it_is_printed(name: str, tmp_path: Path, read: Read) -> None:
    listing = LISTINGS[name]
    path = tmp_path / "dags" / "printed.py"
    path.parent.mkdir()
    known = SPOKEN_OF.replace("model = ", "_ = ") if name == "resnet" else ""
    path.write_text(
        listing.before + listing.text.replace("deploy_model = ", f"{known}deploy_model = ")
    )
    plans, error = read(path)
    if listing.left_open is None:
        assert {plan.dag_id for plan in plans} == set(listing.dags), error
    else:
        assert error is not None
        assert f"NameError: name '{listing.left_open}' is not defined" in error


def test_the_models_dag_means_what_it_says(tmp_path: Path, read: Read) -> None:
    (plan,), _ = read(LISTINGS["resnet"].write(tmp_path / "dags"))
    assert (plan.schedule.summary, plan.schedule.kind) == ("@daily", "cron_data_interval")
    assert (plan.catchup, plan.profile) == (False, 2)
    assert {(task.retries, task.retry_delay_s, task.owner) for task in plan.tasks} == {
        (1, 3600.0, "airflow")
    }


def test_it_runs_in_this_process(
    listing: Listing,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    connection: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(*next(iter(connection.items())))
    settings = load_settings({"TRADEWIND_HOME": str(tmp_path)})
    path = listing.write(tmp_path / "dags")
    for dag_id, tasks in listing.dags.items():
        done = run_dag(
            path,
            dag_id=dag_id,
            settings=settings,
            mark_success=f"^({'|'.join(listing.real)})$" if listing.real else None,
        )
        assert done.state is RunState.SUCCESS
        ended = sorted(done.tasks.values(), key=lambda task: str(task.end_date))
        assert [task.key.task_id for task in ended] == tasks
    printed = capsys.readouterr().out
    for task_id, text in listing.logged.items():
        assert task_id in listing.real or text in printed


@pytest.mark.acceptance
@pytest.mark.slow
def test_dags_test_runs_it(listing: Listing, tmp_path: Path, connection: dict[str, str]) -> None:
    home = tmp_path / "home"
    listing.write(home / "dags")
    for dag_id in listing.dags:
        marked = ["--mark-success-pattern", f"^({'|'.join(listing.real)})$"] if listing.real else []
        done = command(home, "dags", "test", dag_id, *marked, **connection)
        assert "success" in done.stdout + done.stderr


@pytest.mark.acceptance
@pytest.mark.slow
def test_it_runs_under_standalone(
    listing: Listing, tmp_path: Path, connection: dict[str, str]
) -> None:
    home = tmp_path / "home"
    listing.write(home / "dags")
    with Standalone(home, **connection) as product:
        product.wait_for_dags(*listing.dags)
        for dag_id, tasks in listing.dags.items():
            if set(listing.real) & set(tasks):
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

"""Commands beside a running product: from a file in the DAGs folder to logs and back again."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.product import TRADEWIND, Standalone, command, environment
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.acceptance

DAGS = """
from datetime import datetime
from tradewind import DAG, task

with DAG("steps", start_date=datetime(2024, 1, 1), schedule="@daily", catchup=False):
    @task
    def extract(**context):
        print("reading", context["dag_run"].conf.get("from", "nowhere"))
        return 42

    @task
    def load(number):
        print("got", number)

    load(extract())

with DAG("odd_days", start_date=datetime(2024, 1, 1), schedule="@daily", catchup=False):
    @task
    def only_odd(ds):
        if int(ds[-2:]) % 2 == 0:
            raise ValueError(f"{ds} is an even day")

    only_odd()
"""

OLD = """
from datetime import datetime
from airflow import DAG
from airflow.operators.python_operator import PythonOperator

def push(**kwargs):
    kwargs["ti"].xcom_push("k", kwargs["execution_date"].isoformat())

def pull(**kwargs):
    print("pulled", kwargs["ti"].xcom_pull(key="k"), kwargs["run_id"])

dag = DAG("nightly", start_date=datetime(2024, 1, 1), schedule_interval=None, concurrency=1)
tasks = [
    PythonOperator(task_id=f.__name__, python_callable=f, provide_context=True, dag=dag)
    for f in (push, pull)
]
tasks[0].set_downstream(tasks[1])
"""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standalone]:
    home = tmp_path_factory.mktemp("product") / "home"
    (home / "dags").mkdir(parents=True)
    (home / "dags" / "steps.py").write_text(DAGS)
    (home / "dags" / "old.py").write_text(OLD)
    with Standalone(home) as running:
        running.wait_for_dags("steps", "odd_days", "nightly")
        yield running


def wait_for_state(product: Standalone, dag_id: str, run_id: str, wanted: str) -> None:
    for _ in range(200):
        state = product.run("dags", "state", dag_id, run_id).stdout
        if state.startswith(wanted):
            return
    raise AssertionError(state)


def test_a_run_from_trigger_to_log(product: Standalone) -> None:
    (row,) = product.listed("dags", "trigger", "steps", "-r", "mine", "-c", '{"from": "here"}')
    assert (row["run_id"], row["state"], row["conf"]) == ("mine", "queued", {"from": "here"})
    product.run("dags", "unpause", "steps")
    wait_for_state(product, "steps", "mine", "success")
    (run,) = [
        row for row in product.listed("dags", "list-runs", "steps") if row["run_id"] == "mine"
    ]
    assert run["state"] == "success"
    states = product.listed("tasks", "states-for-dag-run", "steps", "mine")
    assert {row["task_id"]: row["state"] for row in states} == {
        "extract": "success",
        "load": "success",
    }
    assert product.run("tasks", "state", "steps", "load", "mine").stdout == "success\n"
    assert "reading here" in product.run("tasks", "logs", "steps", "mine", "extract").stdout
    followed = product.run("tasks", "logs", "-f", "steps", "mine", "load").stdout
    assert "got 42" in followed
    again = product.run("dags", "trigger", "steps", "-r", "mine", exit_code=1)
    assert "mine" in again.stderr and len(again.stderr.splitlines()) == 1


def test_a_file_of_1_10_runs_as_it_did(product: Standalone) -> None:
    details = json.loads(product.run("dags", "details", "nightly", "-o", "json").stdout)
    assert (details["profile"], details["max_active_tasks"]) == (2, 1)
    assert details["profile_reason"] == (
        "old.py:4 imports PythonOperator from airflow.operators.python_operator"
    )
    product.run("dags", "unpause", "nightly")
    (row,) = product.listed("dags", "trigger", "nightly")
    date = row["logical_date"]
    assert row["run_id"] == f"manual__{date}"
    assert "." not in str(date), "a date that nobody gave has whole seconds"
    wait_for_state(product, "nightly", str(row["run_id"]), "success")
    log = product.run("tasks", "logs", "nightly", str(row["run_id"]), "pull").stdout
    assert f"pulled {date} manual__{date}" in log


def test_clearing_runs_tasks_again(product: Standalone) -> None:
    product.run("dags", "unpause", "steps")
    product.run("dags", "trigger", "steps", "-r", "again")
    wait_for_state(product, "steps", "again", "success")
    shown = product.listed("tasks", "clear", "steps", "-t", "load", "--run-id", "again", "-n")
    assert [row["task_id"] for row in shown] == ["load"]
    product.run("tasks", "clear", "steps", "-t", "load", "--run-id", "again", "-y")
    wait_for_state(product, "steps", "again", "success")
    tries = {
        row["task_id"]: row["try_number"]
        for row in product.listed("tasks", "states-for-dag-run", "steps", "again")
    }
    assert tries == {"extract": 1, "load": 2}


def test_marking_and_clearing_a_run(product: Standalone) -> None:
    product.run("dags", "unpause", "steps")
    product.run("dags", "trigger", "steps", "-r", "marked")
    wait_for_state(product, "steps", "marked", "success")
    asked = ("tasks", "mark", "steps", "marked", "extract", "failed", "-d")
    shown = product.listed(*asked, "-n")
    assert [row["task_id"] for row in shown] == ["extract", "load"]
    product.run(*asked, "-y")
    states = product.listed("tasks", "states-for-dag-run", "steps", "marked")
    assert {row["state"] for row in states} == {"failed"}
    assert "already" in product.run(*asked, "-y").stdout
    assert (
        "did you mean load?"
        in product.run("tasks", "mark", "steps", "marked", "laod", "success", exit_code=1).stderr
    )
    assert product.run("dags", "clear", "steps", "-y", exit_code=2).stderr
    product.run("dags", "clear", "steps", "--run-id", "marked", "-f", "-y")
    wait_for_state(product, "steps", "marked", "success")
    states = product.listed("tasks", "states-for-dag-run", "steps", "marked")
    assert [row["try_number"] for row in states] == [2, 2]


def test_a_fork_takes_the_results_of_another_run(product: Standalone) -> None:
    product.run("dags", "unpause", "steps")
    product.run("dags", "trigger", "steps", "-r", "forked")
    wait_for_state(product, "steps", "forked", "success")
    fork = ("dags", "fork", "steps", "forked", "-t", "load", "-r", "branched-off")
    would = product.listed(*fork, "-n")
    assert [(row["task_id"], row["action"]) for row in would] == [
        ("extract", "share"),
        ("load", "run"),
    ]
    assert product.listed(*fork) == would
    wait_for_state(product, "steps", "branched-off", "success")
    assert "got 42" in product.run("tasks", "logs", "steps", "branched-off", "load").stdout


def test_a_backfill_in_the_foreground(product: Standalone) -> None:
    said = product.run("backfill", "-s", "2024-02-01", "-e", "2024-02-03", "steps").stdout
    assert "is done: 3 success." in said
    dates = {
        row["logical_date"][:10]
        for row in product.listed(
            "dags", "list-runs", "steps", "-s", "2024-02-01", "-e", "2024-02-29"
        )
    }
    assert dates == {"2024-02-01", "2024-02-02", "2024-02-03"}


def test_a_backfill_with_a_failed_run_exits_1(product: Standalone) -> None:
    done = product.run("backfill", "-s", "2024-01-01", "-e", "2024-01-04", "odd_days", exit_code=1)
    assert "is done: 2 failed, 2 success." in done.stdout
    assert done.stderr.count("failed: backfill__") == 2
    interval = ("-s", "2024-01-01", "-e", "2024-01-05", "odd_days")
    rows = product.listed("backfill", *interval, "--rerun_failed_tasks", "--dry-run")
    again, kept = ("failed", "run again"), ("success", "leave as it is")
    assert [(row["state"], row["action"]) for row in rows] == [
        kept, again, kept, again, (None, "run"),
    ]  # fmt: skip
    assert "even day" in product.run("tasks", "logs", "odd_days", "2024-01-02", "only_odd").stdout


def test_a_backfill_left_to_the_scheduler(product: Standalone) -> None:
    dry = product.listed(
        "backfill", "create", "--dag-id", "steps", "--from-date", "2024-03-01",
        "--to-date", "2024-03-02", "--dry-run",
    )  # fmt: skip
    assert [row["logical_date"][:10] for row in dry] == ["2024-03-01", "2024-03-02"]
    product.run("dags", "unpause", "steps")
    product.run(
        "backfill", "create", "--dag-id", "steps", "--from-date", "2024-03-01",
        "--to-date", "2024-03-02",
    )  # fmt: skip
    wait_for_state(product, "steps", "2024-03-02", "success")


def test_interrupting_a_backfill_cancels_it(product: Standalone) -> None:
    process = subprocess.Popen(
        [TRADEWIND, "backfill", "-s", "2024-04-01", "-e", "2024-12-31", "odd_days",
         "--max-active-runs", "1"],
        env=environment(product.home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert "Cancelled" in said


def test_unknown_names_get_hints(product: Standalone) -> None:
    assert "did you mean steps?" in product.run("dags", "trigger", "stesp", exit_code=1).stderr
    assert (
        "did you mean steps?"
        in product.run("backfill", "-s", "2024-01-01", "stepz", exit_code=1).stderr
    )
    assert "has no run" in product.run("dags", "state", "steps", "nope", exit_code=1).stderr


def test_the_listings_of_a_dag(product: Standalone) -> None:
    assert product.run("tasks", "list", "steps").stdout.split() == ["extract", "load"]
    assert "└── load" in product.run("dags", "show", "steps").stdout
    assert '"extract" -> "load"' in product.run("dags", "show", "steps", "--format", "dot").stdout
    details = json.loads(product.run("dags", "details", "steps", "-o", "json").stdout)
    assert details["tasks"] == ["extract", "load"]
    upcoming = product.run("dags", "next-execution", "steps", "-n", "3").stdout.split()
    assert len(upcoming) == 3
    assert upcoming == sorted(upcoming)


def test_with_no_scheduler_a_trigger_waits_for_one(tmp_path: Path) -> None:
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "steps.py").write_text(DAGS)
    command(tmp_path, "db", "migrate")
    command(tmp_path, "dags", "reserialize")
    command(tmp_path, "dags", "unpause", "steps")
    said = command(tmp_path, "dags", "trigger", "steps", "-r", "early").stderr
    assert "No scheduler is running" in said
    refused = command(tmp_path, "backfill", "-s", "2024-01-01", "steps", exit_code=1).stderr
    assert "--detach" in refused
    with Standalone(tmp_path) as product:
        wait_for_state(product, "steps", "early", "success")

"""A DAG file that ends with `dag.cli()`, run as a program."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S
from tradewind.authoring.dag_commands import arguments

FILE = """
from datetime import datetime

from airflow import DAG
from airflow.operators.python_operator import PythonOperator

dag = DAG("d", start_date=datetime(2024, 1, 1), schedule_interval="@daily")
say = PythonOperator(task_id="say", python_callable=lambda day: print("it is", day),
                     op_args=["{{ ds }}"], dag=dag)

if __name__ == "__main__":
    dag.cli()
"""


@pytest.mark.parametrize(
    ("given", "called"),
    [
        (["list_tasks"], ["tasks", "list", "d"]),
        (["test", "t", "2024-01-01"], ["tasks", "test", "d", "t", "2024-01-01", "-f", "/d.py"]),
        (["backfill", "-s", "2024-01-01"], ["backfill", "d", "-s", "2024-01-01"]),
        (["list_dag_runs", "--state", "failed"], ["dags", "list-runs", "d", "--state", "failed"]),
    ],
)
def test_its_commands(given: list[str], called: list[str]) -> None:
    assert arguments("d", "/d.py", given) == called


@pytest.mark.parametrize(("given", "said"), [([], "say what to do"), (["run"], "no command 'run'")])
def test_others_are_refused(given: list[str], said: str) -> None:
    with pytest.raises(SystemExit, match=said):
        arguments("d", "/d.py", given)


def test_one_task_alone(tmp_path: Path) -> None:
    file = tmp_path / "d.py"
    file.write_text(FILE)
    done = subprocess.run(
        [sys.executable, str(file), "test", "say", "2024-05-06"],
        env={**os.environ, "TRADEWIND_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    assert "it is 2024-05-06" in done.stdout

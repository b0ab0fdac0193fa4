"""A connection from the database, in real processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.with_providers.conftest import WebServer

FILE = """
from airflow.providers.http.operators.http import HttpOperator
from airflow.sdk import DAG

with DAG("stored", schedule=None):
    HttpOperator(task_id="ask", http_conn_id="ours", method="GET", endpoint="x", log_response=True)
"""


def tradewind(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("tradewind")), *words]
    environ = {**os.environ, "TRADEWIND_HOME": str(home)}
    return subprocess.run(command, env=environ, text=True, capture_output=True, check=False)


def test_a_connection_kept_in_the_database(
    web: WebServer, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "dags").mkdir(parents=True)
    (home / "dags" / "stored.py").write_text(FILE)
    assert tradewind(home, "db", "migrate").returncode == 0
    added = tradewind(home, "connections", "add", "ours", "--conn-uri", web.address)
    assert added.returncode == 0, added.stderr
    done = tradewind(home, "dags", "test", "stored")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [each.path for each in web.heard] == ["/x"]

"""DAGs with constructs that cannot run yet: they are listed and shown, and everybody is told."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

FILE = """
from airflow.providers.standard.triggers.file import FileDeleteTrigger
from airflow.sdk import DAG, Asset, AssetWatcher, task

with DAG("many", schedule="@daily"):
    task(lambda: 1, task_id="each", run_as_user="nobody")()

orders = Asset("orders", watchers=[AssetWatcher("inbox", FileDeleteTrigger(filepath="/inbox"))])
with DAG("waits", schedule=[orders]):
    task(lambda: 1, task_id="t")()
"""


@pytest.fixture
def loaded(home: Path, migrated: None, run: Run) -> None:
    """Both DAGs are stored."""
    folder = home / "dags"
    folder.mkdir(parents=True)
    (folder / "later.py").write_text(FILE)
    run("dags", "reserialize")


def test_they_are_listed_and_shown(loaded: None, run: Run) -> None:
    listed = json.loads(run("dags", "list", "-o", "json").stdout)
    assert {row["dag_id"] for row in listed} == {"many", "waits"}
    assert "each" in run("dags", "show", "many").stdout
    many = json.loads(run("dags", "details", "many", "-o", "json").stdout)
    assert many["not_yet_possible"] == ["task each uses run_as_user"]
    waits = json.loads(run("dags", "details", "waits", "-o", "json").stdout)
    assert waits["not_yet_possible"] == ["nothing is watched yet for asset orders"]


def test_whoever_unpauses_them_is_told(loaded: None, run: Run) -> None:
    assert "many: it cannot be run yet, and its schedule makes no runs: task each uses run" in (
        run("dags", "unpause", "many").stderr
    )
    assert "`dags trigger waits` makes one" in run("dags", "unpause", "waits").stderr

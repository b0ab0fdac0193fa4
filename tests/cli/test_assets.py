"""`tradewind assets ...`."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

FILE = """
from airflow.sdk import DAG, Asset, AssetAlias, task

ORDERS = Asset("orders", uri="s3://shop/orders", extra={"owner": "sales"})

with DAG("load", schedule=None):
    task(lambda: 1, task_id="t", outlets=[ORDERS, AssetAlias("late")])()

with DAG("report", schedule=[ORDERS, Asset("users")]):
    task(lambda: 1, task_id="t", inlets=[ORDERS])()
"""


@pytest.fixture
def loaded(home: Path, migrated: None, run: Run) -> None:
    (home / "dags").mkdir(parents=True)
    (home / "dags" / "assets.py").write_text(FILE)
    run("dags", "reserialize")


def test_assets_are_listed_and_shown(loaded: None, run: Run) -> None:
    listed = json.loads(run("assets", "list", "-o", "json").stdout)
    assert [row["name"] for row in listed] == ["orders", "users"]
    names = json.loads(run("assets", "list", "--alias", "-o", "json").stdout)
    assert names == [{"name": "late", "group": "asset"}]
    shown = json.loads(run("assets", "details", "--uri", "s3://shop/orders", "-o", "json").stdout)
    assert shown["producing_tasks"] == ["load.t"]
    assert shown["consuming_tasks"] == ["report.t"]
    assert shown["scheduled_dags"] == ["report"]
    alias = json.loads(run("assets", "details", "--alias", "--name", "late", "-o", "json").stdout)
    assert alias["name"] == "late"


def test_an_asset_is_materialized(loaded: None, run: Run) -> None:
    made = run("assets", "materialize", "--name", "orders", "-o", "json")
    assert json.loads(made.stdout)["dag_id"] == "load"
    assert "No scheduler is running" in made.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("details", "--name", "ordrs"), "did you mean orders?"),
        (("details",), "give either --name or --uri"),
        (("details", "--alias"), "give the alias's --name"),
        (("materialize", "--name", "users"), "no task writes asset 'users'"),
    ],
)
def test_mistakes_are_told(loaded: None, run: Run, arguments: tuple[str, ...], said: str) -> None:
    assert said in run("assets", *arguments, exit_code=1).stderr

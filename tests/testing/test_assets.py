"""Assets in test runs: what a task reads and says of them, with no other DAG stored."""

import json
from pathlib import Path
from typing import Any

import pytest

from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.testing.engine import run_dag, run_task

FILE = """
from airflow.sdk import DAG, Asset, AssetAlias, Metadata, asset, task

@asset(schedule=None)
def first(self):
    return self.name

@asset(schedule=None, uri="s3://bucket/second")
def second(self, first, context):
    return [first.name, context["outlets"][0].uri]

with DAG("says", schedule=None):
    @task(outlets=[Asset("a"), AssetAlias("late")])
    def it(*, outlet_events, inlet_events, triggering_asset_events):
        outlet_events[AssetAlias("late")].add(Asset("x://b/c"), extra={"n": 1})
        outlet_events[Asset("a")].extra["n"] = 2
        return [len(inlet_events), len(triggering_asset_events)]

    @task(outlets=[Asset("a")])
    def generates():
        yield Metadata(Asset("a"), {"n": 3})
        yield "left out"
        return "end"

    @task(outlets=[Asset("a")])
    def wrong(*, outlet_events):
        outlet_events[Asset("a")].extra = {"n": object()}

    it() >> generates() >> wrong()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "assets.py"
    path.write_text(FILE)
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"TRADEWIND_HOME": str(tmp_path)})


def test_an_asset_that_another_dag_defines_is_taken_for_there(
    path: Path, settings: Settings
) -> None:
    result = run_dag(path, dag_id="second", settings=settings)
    assert _values(result.xcoms) == {"second": ["first", "s3://bucket/second"]}


def _values(xcoms: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    return {key.task_id: values["return_value"] for key, values in xcoms.items()}


def test_what_a_task_says_of_what_it_wrote(path: Path, settings: Settings) -> None:
    result = run_dag(path, dag_id="says", settings=settings)
    assert _values(result.xcoms) == {"it": [0, 0], "generates": "end"}
    assert {task.key.task_id: task.state for task in result.run.tasks}["wrong"] == "failed"


def test_updates_are_part_of_the_outcome(path: Path, settings: Settings) -> None:
    outcome = run_task(path, "it", dag_id="says", settings=settings).outcome
    said = [(one.name, one.uri, one.aliases, one.extra) for one in outcome.asset_updates]
    assert json.dumps(said) == json.dumps(
        [("a", "a", (), {"n": 2}), ("x://b/c", "x://b/c", ("late",), {"n": 1})]
    )
    failed = run_task(path, "wrong", dag_id="says", settings=settings).outcome
    assert "extra of an event of asset 'a'" in str(failed.reason)

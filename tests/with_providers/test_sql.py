"""common.sql's operators on a SQLite file."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from airflow.providers.common.sql.hooks.sql import DbApiHook
from airflow.providers.common.sql.operators.sql import (
    SQLCheckOperator,
    SQLColumnCheckOperator,
    SQLExecuteQueryOperator,
    SQLIntervalCheckOperator,
    SQLTableCheckOperator,
    SQLThresholdCheckOperator,
    SQLValueCheckOperator,
)
from airflow.providers.common.sql.sensors.sql import SqlSensor
from airflow.providers.sqlite.hooks.sqlite import SqliteHook
from airflow.sdk import DAG, BaseHook, task
from tests.with_providers.conftest import Run


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of three rows, known as connection `shop`."""
    path = tmp_path / "shop.db"
    monkeypatch.setenv("AIRFLOW_CONN_SHOP", json.dumps({"conn_type": "sqlite", "host": str(path)}))
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE sale (day TEXT, amount INTEGER)")
        rows = [("2026-01-01", 10), ("2026-01-02", 20), ("2026-01-03", 30)]
        connection.executemany("INSERT INTO sale VALUES (?, ?)", rows)
    return path


def test_statements_run_with_templates_and_parameters(
    file: Path, run: Callable[[DAG], Run], tmp_path: Path
) -> None:
    (tmp_path / "add.sql").write_text(
        "INSERT INTO sale VALUES ('{{ params.day }}', :amount);\nSELECT sum(amount) FROM sale;"
    )
    with DAG("shop", schedule=None, template_searchpath=[str(tmp_path)]) as dag:
        add = SQLExecuteQueryOperator(
            task_id="add",
            conn_id="shop",
            sql="add.sql",
            split_statements=True,
            params={"day": "2026-01-04"},
            parameters={"amount": 40},
        )

        @task
        def total(rows: Any) -> Any:
            return rows[0][0]

        total(add.output)
    done = run(dag)
    assert done.states == {"add": "success", "total": "success"}
    assert done.results["total"] == 100
    assert sqlite3.connect(file).execute("SELECT count(*) FROM sale").fetchone() == (4,)


def test_checks_pass_and_fail(file: Path, run: Callable[[DAG], Run]) -> None:
    with DAG("checks", schedule=None, default_args={"conn_id": "shop"}) as dag:
        SQLCheckOperator(task_id="rows", sql="SELECT count(*) FROM sale")
        SQLCheckOperator(task_id="no_rows", sql="SELECT count(*) FROM sale WHERE amount < 0")
        SQLValueCheckOperator(
            task_id="value", sql="SELECT sum(amount) FROM sale", pass_value=63, tolerance=0.1
        )
        SQLThresholdCheckOperator(
            task_id="threshold",
            sql="SELECT max(amount) FROM sale",
            min_threshold=25,
            max_threshold="SELECT 31",
        )
        SQLColumnCheckOperator(
            task_id="columns",
            table="sale",
            column_mapping={"amount": {"null_check": {"equal_to": 0}, "min": {"geq_to": 10}}},
        )
        SQLTableCheckOperator(
            task_id="table", table="sale", checks={"some": {"check_statement": "count(*) = 3"}}
        )
        SQLTableCheckOperator(
            task_id="wrong_table", table="sale", checks={"few": {"check_statement": "count(*) = 2"}}
        )
        SQLIntervalCheckOperator(
            task_id="interval",
            table="sale",
            date_filter_column="'2026-01-01'",
            metrics_thresholds={"count(*)": 1.5},
            days_back=-1,
        )
    states = run(dag).states
    failing = {"no_rows", "wrong_table"}
    assert {name for name, state in states.items() if state == "failed"} - {"interval"} == failing
    assert all(states[name] == "success" for name in states.keys() - failing - {"interval"})


def test_a_sensor_sees_a_row(file: Path, run: Callable[[DAG], Run]) -> None:
    with DAG("sensing", schedule=None) as dag:
        SqlSensor(task_id="wait", conn_id="shop", sql="SELECT count(*) FROM sale")
    assert run(dag).states == {"wait": "success"}


def test_a_connections_type_gives_its_hook(file: Path) -> None:
    hook = BaseHook.get_hook("shop")
    assert isinstance(hook, SqliteHook) and isinstance(hook, DbApiHook)
    assert hook.get_records("SELECT amount FROM sale ORDER BY amount") == [(10,), (20,), (30,)]
    hook.insert_rows(
        "sale", [("2026-02-01", 1), ("2026-02-02", 2)], target_fields=["day", "amount"]
    )
    assert hook.get_first("SELECT count(*) FROM sale") == (5,)
    assert hook.test_connection() == (True, "Connection successfully tested")

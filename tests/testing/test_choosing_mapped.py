"""Branches, short circuits, setups and teardowns before, in and around what is mapped."""

from pathlib import Path
from typing import Any

import pytest

from tradewind import DAG, setup, task, task_group, teardown
from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.integrations.standard.operators.python import BranchPythonOperator
from tradewind.testing.engine import run_dag


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"TRADEWIND_HOME": str(tmp_path)})


@task
def work(number: int = 0) -> int:
    return number


@task
def numbers() -> list[int]:
    return [1, 2]


def states(dag: DAG, settings: Settings) -> dict[str, list[str]]:
    """The states of each task's instances, by map index."""
    found: dict[str, dict[int, str]] = {}
    for key, row in run_dag(dag, settings=settings).tasks.items():
        found.setdefault(key.task_id, {})[key.map_index] = row.state.value
    return {name: [rows[index] for index in sorted(rows)] for name, rows in found.items()}


@pytest.mark.parametrize("known", [True, False])
def test_in_a_mapped_group_a_branch_skips_its_own_map_index_alone(
    settings: Settings, known: bool
) -> None:
    with DAG("d") as dag:

        @task_group
        def group(number: int) -> None:
            @task.branch
            def choose(number: int) -> str:
                return "group.a" if number == 1 else "group.b"

            choose(number) >> [work.override(task_id="a")(), work.override(task_id="b")()]

        group.expand(number=[1, 2] if known else numbers())
    found = states(dag, settings)
    found.pop("numbers", None)
    assert found == {
        "group.choose": ["success", "success"],
        "group.a": ["success", "skipped"],
        "group.b": ["skipped", "success"],
    }


def test_in_a_mapped_group_a_short_circuit_skips_its_own_map_index_alone(
    settings: Settings,
) -> None:
    with DAG("d") as dag:

        @task_group
        def group(number: int) -> None:
            @task.short_circuit
            def check(number: int) -> bool:
                return number == 1

            check(number) >> work.override(task_id="a")() >> work.override(task_id="b")()

        group.expand(number=[1, 2, 3]) >> work.override(task_id="after", trigger_rule="all_done")()
    assert states(dag, settings) == {
        "group.check": ["success"] * 3,
        "group.a": ["success", "skipped", "skipped"],
        "group.b": ["success", "skipped", "skipped"],
        "after": ["success"],
    }


@pytest.mark.parametrize("known", [True, False])
def test_a_branch_before_a_mapped_task_skips_all_of_it(settings: Settings, known: bool) -> None:
    with DAG("d") as dag:

        @task.branch
        def choose() -> str:
            return "other"

        mapped = work.override(task_id="mapped").expand(number=[1, 2] if known else numbers())
        choose() >> [mapped, work.override(task_id="other")()]
    found = states(dag, settings)
    assert set(found["mapped"]) == {"skipped"}
    assert found["other"] == ["success"]


def test_an_expanded_branch_chooses_for_those_of_its_map_index(settings: Settings) -> None:
    with DAG("d") as dag:
        choose = BranchPythonOperator.partial(
            task_id="choose", python_callable=lambda name: name
        ).expand(op_args=[["a"], ["b"]])
        a = work.override(task_id="a").expand(number=[1, 2])
        b = work.override(task_id="b").expand(number=[1, 2])
        choose >> [a, b]
    assert states(dag, settings) == {
        "choose": ["success", "success"],
        "a": ["success", "skipped"],
        "b": ["skipped", "success"],
    }


def test_scopes_in_a_mapped_group(settings: Settings) -> None:
    with DAG("d") as dag:

        @task_group
        def group(number: int) -> Any:
            @setup
            def up(number: int) -> None:
                if number == 2:
                    raise ValueError("no room")

            @teardown
            def down() -> None: ...

            @task
            def breaks(number: int) -> None:
                if number == 3:
                    raise ValueError("broken")

            made, away = up(number), down()
            made >> breaks(number) >> work.override(task_id="last")() >> away
            made >> away

        group.expand(number=[1, 2, 3])
    assert states(dag, settings) == {
        "group.up": ["success", "failed", "success"],
        "group.breaks": ["success", "upstream_failed", "failed"],
        "group.last": ["success", "upstream_failed", "upstream_failed"],
        "group.down": ["success", "upstream_failed", "success"],
    }


def test_a_mapped_task_in_a_scope(settings: Settings) -> None:
    with DAG("d") as dag:

        @setup
        def up() -> None: ...

        @teardown
        def down() -> None: ...

        @task
        def breaks(number: int) -> None:
            if number == 2:
                raise ValueError("broken")

        with up() >> down():
            breaks.expand(number=numbers())
    assert states(dag, settings) == {
        "up": ["success"],
        "numbers": ["success"],
        "breaks": ["success", "failed"],
        "down": ["success"],
    }

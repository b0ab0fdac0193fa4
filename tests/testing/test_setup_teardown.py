"""Setup and teardown tasks as authors write them, run as `dags test` runs them."""

from pathlib import Path

import pytest

from tradewind import DAG, setup, task, task_group, teardown
from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.testing.engine import RunResult, run_dag


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"TRADEWIND_HOME": str(tmp_path)})


@setup
def up() -> str:
    return "cluster 7"


@teardown
def down(what: str) -> None:
    print("gone:", what)


@task
def work() -> None: ...


@task
def breaks() -> None:
    raise ValueError("broken")


def states(result: RunResult) -> dict[str, str]:
    return {key.task_id: row.state.value for key, row in result.tasks.items()}


def test_a_with_around_work_that_fails(settings: Settings) -> None:
    with DAG("d") as dag:
        made = up()
        with made >> down(made):
            breaks() >> work()
    result = run_dag(dag, settings=settings)
    assert states(result) == {
        "up": "success",
        "breaks": "failed",
        "work": "upstream_failed",
        "down": "success",
    }
    assert result.state.value == "failed"


def test_scopes_within_scopes(settings: Settings) -> None:
    with DAG("d") as dag:
        outer, inner = up.override(task_id="outer"), up.override(task_id="inner")
        made, within = outer(), inner()
        with made >> down.override(task_id="outer_down")(made):
            work()
            with within >> down.override(task_id="inner_down")(within):
                breaks()
    result = run_dag(dag, settings=settings)
    assert states(result) == {
        "outer": "success",
        "outer_down": "success",
        "work": "success",
        "inner": "success",
        "inner_down": "success",
        "breaks": "failed",
    }


def test_a_setup_that_fails_takes_its_scope_along_and_nothing_else(settings: Settings) -> None:
    with DAG("d") as dag:

        @setup
        def bad_up() -> None:
            raise ValueError("no room")

        with bad_up() >> down.override(task_id="never")("nothing"):
            work()
        work.override(task_id="free")()
    assert states(run_dag(dag, settings=settings)) == {
        "bad_up": "failed",
        "never": "upstream_failed",
        "work": "upstream_failed",
        "free": "success",
    }


def test_what_follows_a_group_does_not_wait_for_its_teardown(settings: Settings) -> None:
    with DAG("d") as dag:

        @task_group
        def box() -> None:
            made = up()

            @teardown(on_failure_fail_dagrun=True)
            def fails() -> None:
                raise ValueError("stuck")

            made >> work() >> fails().as_teardown(setups=made, on_failure_fail_dagrun=True)

        box() >> work.override(task_id="after")()
    result = run_dag(dag, settings=settings)
    assert states(result) == {
        "box.up": "success",
        "box.work": "success",
        "box.fails": "failed",
        "after": "success",
    }
    assert result.state.value == "failed"


def test_a_short_circuit_spares_teardowns(settings: Settings) -> None:
    with DAG("d") as dag:

        @task.short_circuit
        def stop() -> bool:
            return False

        made = up()
        with made >> down(made):
            stop() >> work()
    assert states(run_dag(dag, settings=settings)) == {
        "up": "success",
        "stop": "success",
        "work": "skipped",
        "down": "success",
    }


def test_fail_fast_lets_teardowns_run(settings: Settings) -> None:
    with DAG("d", fail_fast=True) as dag:
        made = up()
        with made >> down(made):
            breaks() >> work()
    result = run_dag(dag, settings=settings)
    assert states(result) == {
        "up": "success",
        "breaks": "failed",
        "work": "skipped",
        "down": "success",
    }
    assert result.state.value == "failed"


def test_fail_stop_of_older_files_is_fail_fast(settings: Settings) -> None:
    with DAG("d", fail_stop=True) as dag:
        breaks() >> work()
    assert states(run_dag(dag, settings=settings)) == {"breaks": "failed", "work": "skipped"}

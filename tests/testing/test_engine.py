"""Runs in this process: the same decisions as in production, and nothing left behind."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tradewind import DAG, Variable, task
from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.model.attempts import Result
from tradewind.model.changes import Change, TaskChanged
from tradewind.model.errors import InvalidDag, NotFound
from tradewind.model.plan import TriggerRule
from tradewind.model.requests import GetVariable, Request
from tradewind.model.states import RunState, TaskState
from tradewind.testing.engine import RunResult, run_dag, run_task


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    return load_settings({"TRADEWIND_HOME": str(tmp_path)})


def states(result: RunResult) -> dict[str, TaskState]:
    return {key.task_id: task.state for key, task in result.tasks.items()}


def xcoms(result: RunResult) -> dict[str, Any]:
    return {key.task_id: values["return_value"] for key, values in result.xcoms.items()}


def test_values_travel_from_task_to_task(settings: Settings) -> None:
    with DAG("adding") as dag:

        @task
        def one() -> int:
            return 1

        @task
        def double(number: int) -> int:
            return number * 2

        double(one())

    result = run_dag(dag, settings=settings)

    assert result.state is RunState.SUCCESS
    assert xcoms(result) == {"one": 1, "double": 2}


def test_trigger_rules_hold_as_in_production(settings: Settings) -> None:
    with DAG("rules") as dag:

        @task
        def breaks() -> None:
            raise ValueError("broken")

        @task
        def never() -> None: ...

        @task(trigger_rule=TriggerRule.ONE_FAILED)
        def mends() -> None: ...

        broken = breaks()
        broken >> [never(), mends()]

    result = run_dag(dag, settings=settings)

    assert result.state is RunState.FAILED
    assert states(result) == {
        "breaks": TaskState.FAILED,
        "never": TaskState.UPSTREAM_FAILED,
        "mends": TaskState.SUCCESS,
    }


def flaky(delay: timedelta) -> DAG:
    with DAG("flaky") as dag:
        tries = []

        @task(retries=2, retry_delay=delay)
        def third_time_lucky() -> int:
            tries.append(1)
            if len(tries) < 3:
                raise ValueError("not yet")
            return len(tries)

        third_time_lucky()
    return dag


def test_retry_delays_are_skipped(settings: Settings) -> None:
    result = run_dag(flaky(timedelta(hours=1)), settings=settings)

    (task_,) = result.tasks.values()
    assert (task_.state, task_.try_number) == (TaskState.SUCCESS, 3)
    assert task_.end_date is not None and result.run.start_date is not None
    assert task_.end_date - result.run.start_date >= timedelta(hours=2)


def test_retry_delays_can_be_waited_for(settings: Settings) -> None:
    slept: list[float] = []
    result = run_dag(flaky(timedelta(0)), settings=settings, sleep=slept.append)

    assert result.state is RunState.SUCCESS
    assert all(seconds <= 1 for seconds in slept)


def test_changes_are_told_in_order(settings: Settings) -> None:
    with DAG("told") as dag:

        @task
        def only() -> None: ...

        only()
    seen: list[TaskState] = []

    def note(change: Change) -> None:
        if isinstance(change, TaskChanged):
            seen.append(change.task.state)

    run_dag(dag, settings=settings, on_change=note)

    assert seen == [
        TaskState.SCHEDULED,
        TaskState.QUEUED,
        TaskState.RUNNING,
        TaskState.SUCCESS,
    ]


def test_the_schedule_makes_no_runs_of_its_own(settings: Settings) -> None:
    with DAG("daily", schedule="@daily", start_date=datetime(2026, 1, 1, tzinfo=UTC)) as dag:

        @task
        def day(ds: str | None = None) -> str | None:
            return ds

        day()

    result = run_dag(dag, logical_date=datetime(2026, 1, 5, tzinfo=UTC), settings=settings)

    assert xcoms(result) == {"day": "2026-01-05"}


def test_variables_are_asked_for_and_written_here_alone(settings: Settings) -> None:
    asked: list[Request] = []

    def answer(request: Request) -> Any:
        asked.append(request)
        return "red" if isinstance(request, GetVariable) else None

    with DAG("colours") as dag:

        @task
        def paint() -> list[str]:
            before = Variable.get("colour")
            Variable.set("colour", "blue")
            return [before, Variable.get("colour")]

        paint()

    result = run_dag(dag, settings=settings, answer=answer)

    assert xcoms(result) == {"paint": ["red", "blue"]}
    assert asked == [GetVariable(key="colour")]


def test_a_failed_task_shows_the_users_own_lines(settings: Settings) -> None:
    with DAG("loud") as dag:

        @task
        def divide() -> float:
            return 1 / 0

        divide()
    shown = io.StringIO()

    run_dag(dag, settings=settings, log_to=shown)

    assert "ZeroDivisionError" in shown.getvalue()
    assert "test_engine.py" in shown.getvalue()


def test_tasks_can_be_passed_over(settings: Settings) -> None:
    with DAG("slow") as dag:

        @task
        def wait_for_file() -> None:
            raise AssertionError("it must not run")

        wait_for_file()

    assert run_dag(dag, settings=settings, mark_success="^wait").state is RunState.SUCCESS


def test_a_file_is_loaded(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "file.py"
    path.write_text("from tradewind import DAG\nwith DAG('a'): pass\nwith DAG('b'): pass\n")

    assert run_dag(path, dag_id="b", settings=settings).state is RunState.SUCCESS
    with pytest.raises(NotFound, match="a, b"):
        run_dag(path, settings=settings)
    with pytest.raises(NotFound, match="no DAG 'c'"):
        run_dag(path, dag_id="c", settings=settings)


def test_a_broken_file_gets_its_one_message(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "file.py"
    path.write_text("from tradewind import DAG\n1 / 0\n")

    with pytest.raises(InvalidDag, match="division by zero"):
        run_dag(path, settings=settings)


def test_one_task_runs_alone(settings: Settings) -> None:
    with DAG("alone") as dag:

        @task
        def first() -> None:
            raise AssertionError("it must not run")

        @task
        def second(params: dict[str, Any] | None = None) -> int:
            return 5

        first() >> second()

    result = run_task(dag, "second", settings=settings)

    assert result.outcome.result is Result.SUCCESS
    assert result.xcoms == {"return_value": 5}
    with pytest.raises(NotFound, match="it has first, second"):
        run_task(dag, "third", settings=settings)

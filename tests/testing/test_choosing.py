"""Branches, short circuits and conditions, as `dags test` runs them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tradewind import DAG, BaseBranchOperator, BaseOperator, task, task_group
from tradewind.authoring.errors import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
)
from tradewind.authoring.profile import Evidence
from tradewind.authoring.sites import Site
from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.integrations.standard.operators.latest_only import LatestOnlyOperator
from tradewind.integrations.standard.operators.python import (
    BranchPythonOperator,
    ShortCircuitOperator,
)
from tradewind.model.keys import CHOICE
from tradewind.model.states import RunState
from tradewind.testing.engine import RunResult, run_dag

YEAR = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    return load_settings({"TRADEWIND_HOME": str(tmp_path)})


class Step(BaseOperator):
    """Does nothing, in a process."""

    def execute(self, context: Any) -> None: ...


def steps(*names: str, **facts: Any) -> list[Step]:
    return [Step(task_id=name, **facts) for name in names]


def ran(result: RunResult) -> set[str]:
    """Who succeeded; the others were skipped."""
    states = {key.task_id: row.state.value for key, row in result.tasks.items()}
    assert set(states.values()) <= {"success", "skipped"}, states
    return {name for name, state in states.items() if state == "success"}


def xcoms_of(result: RunResult, task_id: str) -> dict[str, Any]:
    return next(values for key, values in result.xcoms.items() if key.task_id == task_id)


def forked(choice: Any) -> DAG:
    """A fork in the road: a task, a group of two and a task in a group."""
    with DAG("forked") as dag:
        choose = BranchPythonOperator(task_id="choose", python_callable=lambda: choice)

        @task_group
        def pair() -> None:
            first, second, last = steps("first", "second", "last")
            [first, second] >> last

        left, right, far = steps("left", "right", "far")
        (join,) = steps("join", trigger_rule="none_failed_min_one_success")
        choose >> [left, right, pair()]
        right >> far
        [left, far, dag.get_task("pair.last"), choose] >> join
    return dag


PAIR = {"pair.first", "pair.second", "pair.last"}


@pytest.mark.parametrize(
    ("choice", "expected", "followed"),
    [
        ("left", {"left", "join"}, ["join", "left"]),
        (["left", "right"], {"left", "right", "far", "join"}, ["join", "left", "right"]),
        (("right",), {"right", "far", "join"}, ["join", "right"]),
        ({"left"}, {"left", "join"}, ["join", "left"]),
        ("pair", PAIR | {"join"}, ["join", "pair.first", "pair.second"]),
        (["pair", "left"], PAIR | {"left", "join"}, ["join", "left", "pair.first", "pair.second"]),
        ("pair.first", {"pair.first", "join"}, ["join", "pair.first"]),
        ("join", {"join"}, ["join"]),
        ("far", {"join"}, ["join"]),
        (None, set(), []),
        ([], set(), []),
    ],
)
def test_what_is_chosen_runs(
    settings: Settings, choice: Any, expected: set[str], followed: list[str]
) -> None:
    result = run_dag(forked(choice), settings=settings)

    assert result.state is RunState.SUCCESS
    assert ran(result) == {"choose", *expected}
    assert xcoms_of(result, "choose") == {CHOICE: {"followed": followed}}


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ("lefty", "chose the branch 'lefty', which the DAG does not have; did you mean 'left'?"),
        (["left", "nowhere"], "chose the branch 'nowhere'"),
        (7, "not 7"),
        (["left", 7], "not by 7"),
        (False, "not False"),
    ],
)
def test_a_choice_that_cannot_be_is_a_clear_failure(
    settings: Settings, choice: Any, message: str
) -> None:
    result = run_dag(forked(choice), settings=settings)

    assert result.state is RunState.FAILED
    (row,) = [row for key, row in result.tasks.items() if key.task_id == "choose"]
    assert row.state.value == "failed"
    assert message in (row.exit_reason or "")


def test_where_all_is_chosen_the_choice_is_returned_too(settings: Settings) -> None:
    with DAG("d") as dag:

        @task.branch
        def choose() -> str:
            return "a"

        choose() >> steps("a")[0]
    result = run_dag(dag, settings=settings)
    assert ran(result) == {"choose", "a"}
    assert xcoms_of(result, "choose") == {CHOICE: {"followed": ["a"]}, "return_value": "a"}


def test_a_choice_in_a_file_of_airflow_2_is_always_returned(settings: Settings) -> None:
    def of_2(dag: DAG) -> RunResult:
        dag.profile_evidence = Evidence(Site("f.py", 1), "spells it so")
        return run_dag(dag, settings=settings)

    assert xcoms_of(of_2(forked("left")), "choose")["return_value"] == "left"
    with DAG("d") as dag:
        ShortCircuitOperator(task_id="stop", python_callable=lambda: []) >> steps("a")
    assert xcoms_of(of_2(dag), "stop")["return_value"] == []


def test_an_operator_of_ones_own_chooses(settings: Settings) -> None:
    class Choose(BaseBranchOperator):
        def choose_branch(self, context: Any) -> Iterator[str]:
            return iter(["b"])

    with DAG("d") as dag:
        Choose(task_id="choose", do_xcom_push=False) >> steps("a", "b")
    assert ran(run_dag(dag, settings=settings)) == {"choose", "b"}


@pytest.mark.parametrize(
    ("goes_on", "ignores_rules", "expected"),
    [
        (True, True, {"next", "report", "far"}),
        (False, True, set()),
        (False, False, {"report", "far"}),
    ],
)
def test_a_short_circuit(
    settings: Settings, goes_on: bool, ignores_rules: bool, expected: set[str]
) -> None:
    with DAG("d") as dag:

        @task.short_circuit(ignore_downstream_trigger_rules=ignores_rules)
        def check() -> bool:
            return goes_on

        (after,) = steps("next")
        (report,) = steps("report", trigger_rule="all_done")
        check() >> after >> report >> steps("far")[0]
    result = run_dag(dag, settings=settings)
    assert ran(result) == {"check", *expected}
    pushed = xcoms_of(result, "check")
    if goes_on:
        assert pushed == {"return_value": True}
    else:
        named = ["next"] if not ignores_rules else ["far", "next", "report"]
        assert pushed == {CHOICE: {"skipped": named}}


def test_a_short_circuit_at_the_end_returns_its_answer(settings: Settings) -> None:
    with DAG("d") as dag:
        ShortCircuitOperator(task_id="stop", python_callable=lambda: 0)
    assert xcoms_of(run_dag(dag, settings=settings), "stop") == {"return_value": 0}


def test_conditions_before_a_task(settings: Settings) -> None:
    with DAG("d") as dag:

        @task.run_if(lambda context: context["ti"].task_id == "other")
        @task
        def named() -> None: ...

        @task.skip_if(lambda context: (True, "not on a day like this"))
        @task.branch
        def choose() -> str:
            raise AssertionError("it is skipped before")

        @task.skip_if(lambda context: False)
        @task
        def runs() -> None: ...

        choose() >> steps("a", "b")
        named()
        runs()
    result = run_dag(dag, settings=settings)
    assert ran(result) == {"runs"}
    reasons = {key.task_id: row.exit_reason for key, row in result.tasks.items()}
    assert "not on a day like this" in (reasons["choose"] or "")


def test_exceptions_that_end_a_task_at_once(settings: Settings) -> None:
    with DAG("d") as dag:

        @task(retries=5)
        def skips() -> None:
            raise AirflowSkipException("no data")

        @task(retries=5)
        def fails() -> None:
            raise AirflowFailException("no use")

        @task(retries=1)
        def tries() -> None:
            raise AirflowException("again")

        skips() >> steps("after_skip")[0]
        fails()
        tries()
    result = run_dag(dag, settings=settings)
    rows = {key.task_id: (row.state.value, row.try_number) for key, row in result.tasks.items()}
    assert rows == {
        "skips": ("skipped", 1),
        "after_skip": ("skipped", 0),
        "fails": ("failed", 1),
        "tries": ("failed", 2),
    }


@pytest.mark.parametrize("age", [timedelta(minutes=-90), timedelta(days=30)])
def test_latest_only_goes_on_in_a_run_that_was_asked_for(
    settings: Settings, age: timedelta
) -> None:
    with DAG("d", schedule="@hourly", start_date=YEAR) as dag:
        LatestOnlyOperator(task_id="latest") >> steps("a")
    result = run_dag(dag, settings=settings, logical_date=datetime.now(UTC) - age)
    assert ran(result) == {"latest", "a"}

"""TriggerDagRunOperator: which run it asks for, and what becomes of the task."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tradewind import DAG
from tradewind.authoring.errors import DagRunTriggerException
from tradewind.authoring.run_questions import RunQuestions
from tradewind.integrations.standard.operators.trigger_dagrun import (
    DagIsPaused,
    TriggerDagRunOperator,
)
from tradewind.model.attempts import Attempt, Outcome, Result, RunFacts
from tradewind.model.keys import TaskKey
from tradewind.model.requests import ClearRun, DagOf, MakeRun, RunStateOf
from tradewind.model.states import RunType
from tradewind.runtime import other_runs
from tradewind.runtime.inline import run_attempt

DAY = datetime(2024, 5, 1, tzinfo=UTC)
MADE = {"applied": True, "status": 200, "reason": ""}
LINK = {"_link_TriggerDagRunLink": "/dags/x/runs/mine"}
TAKEN = {"applied": False, "status": 409, "reason": "DAG x already has a run mine"}


class Elsewhere:
    """A scheduler: it answers what it is told to, and remembers what it was asked."""

    def __init__(self, answer: Callable[[Any], Any] = lambda request: MADE) -> None:
        self.answer = answer
        self.asked: list[Any] = []
        self.pushed: dict[str, Any] = {}

    def ask(self, request: Any) -> Any:
        self.asked.append(request)
        return self.answer(request)

    def push_xcom(self, key: str, value: Any) -> None:
        self.pushed[key] = value


class Asking(RunQuestions):
    """A task instance that pushes to nobody."""

    def xcom_push(self, key: str, value: Any) -> None:
        assert key == "_link_TriggerDagRunLink"


def asked_of(**arguments: Any) -> DagRunTriggerException:
    """What the operator raises."""
    operator = TriggerDagRunOperator(task_id="t", trigger_dag_id="x", **arguments)
    with pytest.raises(DagRunTriggerException) as raised:
        operator.execute({"ti": Asking()})
    return raised.value


def run(there: Elsewhere, **arguments: Any) -> Outcome:
    """The end of a try."""
    dag = DAG("d", schedule=None, auto_register=False)
    dag.add_task(TriggerDagRunOperator(task_id="t", trigger_dag_id="x", **arguments))
    attempt = Attempt(
        token="1-1",
        epoch=1,
        key=TaskKey("d", "r", "t"),
        try_number=1,
        max_tries=0,
        fileloc=__file__,
        code_hash="",
        queue="default",
        executor=None,
        run=RunFacts(
            run_type=RunType.MANUAL,
            run_after=DAY,
            logical_date=DAY,
            data_interval_start=DAY,
            data_interval_end=DAY,
            start_date=DAY,
            triggering_user_name="me",
        ),
    )
    return run_attempt(dag, attempt, there).outcome


class TestWhatItAsksFor:
    def test_a_run_of_now(self) -> None:
        before = datetime.now(UTC)
        asked = asked_of()
        assert asked.logical_date is not None
        assert before <= asked.logical_date <= datetime.now(UTC)
        assert asked.run_after is None
        assert asked.dag_run_id == f"manual__{asked.logical_date.isoformat()}"
        assert (asked.allowed_states, asked.failed_states) == (["success"], ["failed"])

    def test_a_run_of_a_date(self) -> None:
        for date in (DAY, DAY.isoformat(), "2024-05-01"):
            asked = asked_of(logical_date=date)
            assert (asked.logical_date, asked.dag_run_id) == (DAY, f"manual__{DAY.isoformat()}")

    def test_a_run_of_a_time_has_no_date(self) -> None:
        first, second = (asked_of(run_after=DAY) for _ in range(2))
        assert (first.logical_date, first.run_after) == (None, DAY)
        assert first.dag_run_id.startswith(f"manual__{DAY.isoformat()}_")
        assert first.dag_run_id != second.dag_run_id

    def test_a_run_without_a_date(self) -> None:
        assert asked_of(logical_date=None, trigger_run_id="mine").logical_date is None

    def test_its_conf(self) -> None:
        assert asked_of(conf={"a": [1]}).conf == {"a": [1]}
        assert asked_of(conf='{"a": 1}').conf == {"a": 1}
        for conf in ({"a": object()}, "{"):
            with pytest.raises(ValueError, match="conf must be JSON"):
                TriggerDagRunOperator(task_id="t", trigger_dag_id="x", conf=conf).execute({})

    def test_the_function_of_1_10_decides_and_fills_in(self) -> None:
        def fill(context: Any, order: Any) -> Any:
            order.run_id, order.payload = "mine", {"a": 1}
            return order

        asked = asked_of(python_callable=fill)
        assert (asked.dag_run_id, asked.conf) == ("mine", {"a": 1})
        operator = TriggerDagRunOperator(
            task_id="t", trigger_dag_id="x", python_callable=lambda context, order: None
        )
        operator.execute({})

    def test_a_paused_dag_may_be_an_error(self) -> None:
        def answer(request: Any) -> Any:
            if isinstance(request, DagOf):
                return {
                    "dag_id": "x",
                    "is_paused": True,
                    "bundle_name": "b",
                    "relative_fileloc": "x.py",
                    "owners": [],
                    "tags": [],
                }
            return MADE

        outcome = run(Elsewhere(answer), fail_when_dag_is_paused=True)
        assert outcome.result is Result.FAILED
        assert outcome.reason is not None and outcome.reason.endswith("DAG x is paused")
        assert run(Elsewhere(answer)).result is Result.SUCCESS
        assert DagIsPaused("x").dag_id == "x"


class TestWhatBecomesOfTheTask:
    def test_it_ends_when_the_run_is_made(self) -> None:
        there = Elsewhere()
        outcome = run(there, trigger_run_id="mine", logical_date=DAY, conf={"a": 1}, note="n")
        assert outcome.result is Result.SUCCESS
        assert dict(outcome.xcoms) == LINK
        assert there.pushed == {"trigger_run_id": "mine", **LINK}
        assert there.asked == [
            MakeRun(
                dag_id="x",
                run_id="mine",
                logical_date=DAY,
                conf={"a": 1},
                note="n",
                triggering_user_name="me",
            )
        ]

    def test_a_run_that_is_there_fails_it_for_good(self) -> None:
        outcome = run(Elsewhere(lambda request: TAKEN), trigger_run_id="mine")
        assert outcome.result is Result.FAILED_FOR_GOOD
        assert outcome.reason is not None
        assert outcome.reason.endswith("DAG x already has a run mine")

    def test_or_skips_it(self) -> None:
        there = Elsewhere(lambda request: TAKEN)
        outcome = run(there, trigger_run_id="mine", skip_when_already_exists=True)
        assert (outcome.result, there.pushed) == (Result.SKIPPED, LINK)

    def test_or_is_run_again(self) -> None:
        there = Elsewhere(lambda request: TAKEN if isinstance(request, MakeRun) else MADE)
        outcome = run(there, trigger_run_id="mine", reset_dag_run=True)
        assert outcome.result is Result.SUCCESS
        assert there.asked[-1] == ClearRun(dag_id="x", run_id="mine")
        assert there.pushed == {"trigger_run_id": "mine", **LINK}

    def test_a_run_that_cannot_be_made_is_a_failed_try(self) -> None:
        refused = {"applied": False, "status": 404, "reason": "there is no DAG x"}
        outcome = run(Elsewhere(lambda request: refused), reset_dag_run=True)
        assert outcome.result is Result.FAILED
        assert outcome.reason is not None and outcome.reason.endswith("there is no DAG x")


class TestWaiting:
    @pytest.fixture(autouse=True)
    def slept(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        slept: list[float] = []
        monkeypatch.setattr(other_runs, "time", SimpleNamespace(sleep=slept.append))
        return slept

    def scheduler(self, *states: str | None) -> Elsewhere:
        """The run goes through these states."""
        left = list(states)
        return Elsewhere(lambda request: left.pop(0) if isinstance(request, RunStateOf) else MADE)

    def test_it_looks_until_the_run_has_ended(self, slept: list[float]) -> None:
        there = self.scheduler("queued", "running", "success")
        outcome = run(there, wait_for_completion=True, poke_interval=7)
        assert (outcome.result, slept) == (Result.SUCCESS, [7, 7, 7])

    @pytest.mark.parametrize("state", ["failed", None])
    def test_a_run_that_fails_or_goes_away_is_a_failed_try(self, state: str | None) -> None:
        outcome = run(self.scheduler("running", state), wait_for_completion=True)
        assert outcome.result is Result.FAILED

    def test_states_of_ones_own(self) -> None:
        outcome = run(
            self.scheduler("running", "failed"),
            wait_for_completion=True,
            allowed_states=["success", "failed"],
            failed_states=["queued"],
        )
        assert outcome.result is Result.SUCCESS

    def test_an_execution_timeout_is_that_of_execute(self, slept: list[float]) -> None:
        outcome = run(
            self.scheduler("running", "success"),
            wait_for_completion=True,
            execution_timeout=timedelta(hours=1),
        )
        assert (outcome.result, len(slept)) == (Result.SUCCESS, 2)

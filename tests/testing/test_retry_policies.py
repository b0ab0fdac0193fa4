"""Retry policies decide on failed tries, within the tries there are."""

from datetime import timedelta
from typing import Any

import pytest

from tradewind import (
    DAG,
    BaseOperator,
    ExceptionRetryPolicy,
    RetryAction,
    RetryDecision,
    RetryPolicy,
    RetryRule,
)
from tradewind.authoring.errors import AirflowFailException, AirflowSkipException
from tradewind.model.changes import TaskChanged
from tradewind.model.snapshots import TaskSnapshot
from tradewind.model.states import TaskState
from tradewind.testing.engine import run_dag


class Raises(BaseOperator):
    def __init__(self, *, error: Exception, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.error = error

    def execute(self, context: Any) -> None:
        raise self.error


class Asked(RetryPolicy):
    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[tuple[str, int, int, str]] = []

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Any = None
    ) -> RetryDecision:
        asked = (repr(exception), try_number, max_tries, context["ti"].task_id)
        self.asked.append(asked)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer  # type: ignore[no-any-return]


def tries_of(policy: RetryPolicy, error: Exception, **arguments: Any) -> list[TaskSnapshot]:
    """The row at the end of each try."""
    with DAG("d", schedule=None) as dag:
        arguments = {"retries": 2, "retry_delay": timedelta(minutes=5), **arguments}
        Raises(task_id="t", error=error, retry_policy=policy, **arguments)
    seen: list[TaskSnapshot] = []

    def note(change: Any) -> None:
        if isinstance(change, TaskChanged) and change.before is TaskState.RUNNING:
            seen.append(change.task)

    run_dag(dag, on_change=note)
    return seen


def waits(row: TaskSnapshot) -> float:
    assert row.due_at is not None
    assert row.end_date is not None
    return (row.due_at - row.end_date).total_seconds()


def test_a_rule_ends_the_tries_with_its_reason() -> None:
    rules = [RetryRule(ValueError, RetryAction.FAIL, reason="bad data stays bad")]
    (row,) = tries_of(ExceptionRetryPolicy(rules), ValueError("no"))
    assert (row.state, row.try_number) == (TaskState.FAILED, 1)
    assert row.exit_reason == "ValueError: no (bad data stays bad)"


def test_a_rule_says_how_long_to_wait() -> None:
    rules = [RetryRule("builtins.ConnectionError", retry_delay=timedelta(seconds=7))]
    rows = tries_of(ExceptionRetryPolicy(rules), ConnectionResetError("gone"))
    assert [row.state for row in rows] == ["up_for_retry", "up_for_retry", "failed"]
    assert [waits(row) for row in rows[:2]] == [7.0, 7.0]


def test_what_no_rule_fits_is_for_retries() -> None:
    rules = [RetryRule(ValueError, RetryAction.FAIL)]
    rows = tries_of(ExceptionRetryPolicy(rules), KeyError("k"))
    assert [waits(row) for row in rows[:2]] == [300.0, 300.0]


def test_a_policy_of_ones_own_is_told_the_try() -> None:
    policy = Asked(RetryDecision.retry())
    rows = tries_of(policy, ValueError("no"))
    assert [waits(row) for row in rows[:2]] == [300.0, 300.0]
    assert policy.asked == [("ValueError('no')", number, 2, "t") for number in (1, 2, 3)]


@pytest.mark.parametrize("answer", [KeyError("x"), "retry", None])
def test_a_policy_that_fails_leaves_it_to_retries(
    answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    rows = tries_of(Asked(answer), ValueError("no"), retries=1)
    assert [row.state for row in rows] == ["up_for_retry", "failed"]
    assert "The retry policy failed" in caplog.text


@pytest.mark.parametrize(
    ("error", "state"),
    [(AirflowFailException("no"), "failed"), (AirflowSkipException("no"), "skipped")],
)
def test_it_is_not_asked_about_other_ends(error: Exception, state: str) -> None:
    policy = Asked(RetryDecision.retry())
    (row,) = tries_of(policy, error)
    assert row.state == state
    assert policy.asked == []

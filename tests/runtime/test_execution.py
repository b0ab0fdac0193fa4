"""What becomes of an attempt, whatever its task does; the order of what is called around it."""

import json
import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tradewind.authoring.dag import DAG
from tradewind.authoring.errors import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTimeout,
    DownstreamTasksSkipped,
    TaskDeferred,
)
from tradewind.authoring.operator import BaseOperator
from tradewind.integrations.standard.triggers.temporal import DateTimeTrigger
from tradewind.model.attempts import Attempt, Outcome, Result, RunFacts
from tradewind.model.events import FieldsRendered
from tradewind.model.keys import TaskKey
from tradewind.model.requests import Request
from tradewind.model.states import RunType, TaskState
from tradewind.runtime import callbacks, execution
from tradewind.runtime.inline import Ran, run_attempt, run_callbacks

NOW = datetime(2024, 1, 2, tzinfo=UTC)


class Host:
    """Remembers what is pushed."""

    def __init__(self) -> None:
        self.pushed: dict[str, Any] = {}

    def ask(self, request: Request) -> Any:
        return None

    def push_xcom(self, key: str, value: Any) -> None:
        self.pushed[key] = value


class Doing(BaseOperator):
    """Does what it is given."""

    template_fields = ("text",)

    def __init__(self, *, do: Callable[..., Any], text: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.do = do
        self.text = text

    def execute(self, context: Any) -> Any:
        return self.do(self, context)


def attempt(task_id: str = "t") -> Attempt:
    run = RunFacts(
        run_type=RunType.MANUAL,
        run_after=NOW,
        logical_date=NOW,
        data_interval_start=NOW,
        data_interval_end=NOW,
        start_date=NOW,
    )
    return Attempt(
        token="1-1",
        epoch=1,
        key=TaskKey("d", "r", task_id),
        try_number=2,
        max_tries=0,
        fileloc=__file__,
        code_hash="",
        queue="default",
        executor=None,
        run=run,
    )


@pytest.fixture(autouse=True)
def _own_environ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", os.environ.copy())


def run(do: Callable[..., Any] = lambda *_: None, **arguments: Any) -> tuple[Ran, Host, list[Any]]:
    dag = DAG("d", schedule=None, auto_register=False)
    task = arguments.pop("task", None) or Doing(task_id="t", do=do, **arguments)
    dag.add_task(task)
    host, said = Host(), []
    ran = run_attempt(dag, attempt(), host, say=said.append)
    return ran, host, said


def raises(error: BaseException) -> Callable[..., Any]:
    def do(*_: Any) -> None:
        raise error

    return do


@pytest.mark.parametrize(
    ("error", "result", "reason"),
    [
        (AirflowSkipException("not today"), Result.SKIPPED, "not today"),
        (AirflowFailException("never"), Result.FAILED_FOR_GOOD, "never"),
        (AirflowSensorTimeout("too long"), Result.FAILED_FOR_GOOD, "too long"),
        (TaskDeferred(trigger=object(), method_name="done"), Result.FAILED, "'serialize'"),
        (AirflowException("no"), Result.FAILED, "no"),
        (ValueError("bad"), Result.FAILED, "ValueError: bad"),
        (SystemExit(0), Result.FAILED, "SystemExit: 0"),
        (KeyboardInterrupt(), Result.FAILED, "KeyboardInterrupt"),
        (AirflowTaskTimeout("late"), Result.FAILED, "late"),
    ],
)
def test_what_an_exception_makes_of_it(error: BaseException, result: Result, reason: str) -> None:
    outcome = run(raises(error))[0].outcome
    assert outcome.result is result
    assert outcome.reason is not None and outcome.reason.endswith(reason)
    assert outcome.start_date is not None and outcome.start_date <= outcome.end_date


@pytest.mark.parametrize(
    ("tasks", "skips"),
    [("one", (("one", -1),)), (["a", ("b", 3)], (("a", -1), ("b", 3))), ([], ())],
)
def test_tasks_that_are_to_be_skipped_are_told_with_the_success(
    tasks: Any, skips: tuple[tuple[str, int], ...]
) -> None:
    outcome = run(raises(DownstreamTasksSkipped(tasks=tasks)))[0].outcome
    assert (outcome.result, outcome.skips, outcome.xcoms) == (Result.SUCCESS, skips, ())


def test_a_deferral_tells_what_it_waits_for_as_data() -> None:
    trigger = DateTimeTrigger(NOW)
    pause = TaskDeferred(trigger=trigger, method_name="done", kwargs={"day": NOW}, timeout=5)
    outcome = run(raises(pause))[0].outcome
    assert outcome.result is Result.DEFERRED
    told = outcome.deferral
    assert told is not None
    assert (told.method, told.timeout_s, told.at) == ("done", 5.0, NOW)
    assert json.loads(json.dumps(told.method_kwargs)) == told.method_kwargs


def test_a_deferral_with_what_is_no_data_fails() -> None:
    pause = TaskDeferred(
        trigger=DateTimeTrigger(NOW), method_name="done", kwargs={"what": object()}
    )
    outcome = run(raises(pause))[0].outcome
    assert outcome.result is Result.FAILED
    assert outcome.reason is not None and "what" in outcome.reason


def test_reschedule_tells_when() -> None:
    outcome = run(raises(AirflowRescheduleException(NOW)))[0].outcome
    assert (outcome.result, outcome.reschedule_at) == (Result.RESCHEDULE, NOW)


@pytest.mark.parametrize("date", [NOW.replace(tzinfo=None), "tomorrow", None])
def test_reschedule_to_no_moment_fails(date: Any) -> None:
    outcome = run(raises(AirflowRescheduleException(date)))[0].outcome
    assert outcome.result is Result.FAILED
    assert outcome.reason is not None and "a datetime with a time zone" in outcome.reason


def test_success_pushes_what_it_returns() -> None:
    outcome = run(lambda *_: {"a": (1, 2)})[0].outcome
    assert outcome.result is Result.SUCCESS
    assert [key for key, _ in outcome.xcoms] == ["return_value"]
    assert run(lambda *_: None)[0].outcome.xcoms == ()
    assert run(lambda *_: 1, do_xcom_push=False)[0].outcome.xcoms == ()


def test_value_that_cannot_be_pushed_fails_the_task() -> None:
    outcome = run(lambda *_: object())[0].outcome
    assert outcome.result is Result.FAILED
    assert outcome.reason is not None and "'t'" in outcome.reason and "object" in outcome.reason


def test_push_goes_to_the_host_at_once() -> None:
    def do(_: Any, context: Any) -> None:
        context["ti"].xcom_push("k", [1])
        raise ValueError

    ran, host, _ = run(do)
    assert host.pushed == {"k": [1]}
    assert ran.outcome.result is Result.FAILED


def test_order_of_the_hooks() -> None:
    calls: list[str] = []

    class Hooked(Doing):
        def pre_execute(self, context: Any) -> None:
            calls.append("pre_execute method")

        def post_execute(self, context: Any, result: Any = None) -> None:
            calls.append("post_execute method")

    task = Hooked(
        task_id="t",
        do=lambda *_: calls.append("execute"),
        pre_execute=lambda context: calls.append("pre_execute argument"),
        post_execute=lambda context, result: calls.append("post_execute argument"),
        on_execute_callback=lambda context: calls.append("on_execute"),
        on_success_callback=lambda context: calls.append("on_success"),
    )
    ran, host, _ = run(task=task)
    run_callbacks(ran, TaskState.SUCCESS, host)
    assert calls == [
        "pre_execute argument",
        "pre_execute method",
        "on_execute",
        "execute",
        "post_execute argument",
        "post_execute method",
        "on_success",
    ]


def test_post_execute_method_is_called_with_the_context_alone() -> None:
    class Strict(Doing):
        def post_execute(self, context: Any) -> None:  # type: ignore[override]
            context["ti"].xcom_push("seen", True)

    ran, host, _ = run(task=Strict(task_id="t", do=lambda *_: 1))
    assert ran.outcome.result is Result.SUCCESS
    assert host.pushed == {"seen": True}


def test_fields_are_rendered_before_and_told() -> None:
    seen: list[str] = []
    ran, _, said = run(lambda task, _: seen.append(task.text), text="{{ ds }} {{ ti.try_number }}")
    assert ran.outcome.result is Result.SUCCESS
    assert seen == ["2024-01-02 2"]
    assert said == [FieldsRendered("1-1", {"text": "2024-01-02 2"})]


def test_template_that_fails_fails_the_task_before_it_starts() -> None:
    outcome = run(text="{{ nothing.of.this }}")[0].outcome
    assert (outcome.result, outcome.start_date) == (Result.FAILED, None)


def test_names_are_exported() -> None:
    seen: dict[str, str] = {}
    run(lambda *_: seen.update(os.environ))
    assert seen["AIRFLOW_CTX_DAG_ID"] == "d"
    assert seen["AIRFLOW_CTX_TASK_ID"] == "t"
    assert seen["AIRFLOW_CTX_TRY_NUMBER"] == "2"
    assert seen["AIRFLOW_CTX_LOGICAL_DATE"].startswith("2024-01-02T00:00:00")


def test_missing_task_is_a_failure() -> None:
    dag = DAG("d", schedule=None, auto_register=False)
    outcome = run_attempt(dag, attempt("gone"), Host()).outcome
    assert outcome.result is Result.FAILED
    assert outcome.reason is not None and "gone" in outcome.reason


def test_execution_timeout_interrupts_and_calls_on_kill() -> None:
    killed: list[str] = []

    class Killed(Doing):
        def on_kill(self) -> None:
            killed.append("on_kill")
            raise ValueError("must not matter")

    task = Killed(
        task_id="t",
        do=lambda *_: time.sleep(600),
        execution_timeout=timedelta(seconds=0.05),
    )
    outcome = run(task=task)[0].outcome
    assert outcome.result is Result.FAILED
    assert outcome.reason is not None and outcome.reason.endswith("execution_timeout of 0.05 s")
    assert killed == ["on_kill"]
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_its_time_runs_from_its_execution_and_not_from_its_rendering() -> None:
    """Who watches from outside counts from there, too."""
    dag = DAG("d", schedule=None, auto_register=False)
    order: list[str] = []
    dag.add_task(
        Doing(
            task_id="t",
            do=lambda *_: order.append("executed"),
            text="{{ ds }}",
            execution_timeout=timedelta(seconds=600),
        )
    )
    execution.run_attempt(
        dag,
        attempt(),
        Host(),
        say=lambda rendered: order.append("rendered"),
        say_limit=lambda seconds: order.append(f"{seconds:g} s"),
    )
    assert order == ["rendered", "600 s", "executed"]


def test_sigterm_calls_on_kill_and_fails() -> None:
    killed: list[str] = []

    class Killed(Doing):
        def on_kill(self) -> None:
            killed.append("on_kill")

    before = signal.getsignal(signal.SIGTERM)
    outcome = run(task=Killed(task_id="t", do=lambda *_: os.kill(os.getpid(), signal.SIGTERM)))[
        0
    ].outcome
    assert outcome.result is Result.FAILED
    assert outcome.reason is not None and "SIGTERM" in outcome.reason
    assert killed == ["on_kill"]
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize(
    ("error", "state", "called"),
    [
        (None, TaskState.SUCCESS, ["success"]),
        (AirflowSkipException(), TaskState.SKIPPED, ["skipped"]),
        (ValueError("x"), TaskState.UP_FOR_RETRY, ["retry"]),
        (ValueError("x"), TaskState.FAILED, ["failure one", "failure two"]),
        (ValueError("x"), TaskState.REMOVED, []),
    ],
)
def test_callbacks_follow_the_state(
    error: BaseException | None, state: TaskState, called: list[str]
) -> None:
    calls: list[str] = []
    contexts: list[Any] = []

    def note(name: str) -> Callable[[Any], None]:
        def callback(context: Any) -> None:
            calls.append(name)
            contexts.append(context)
            raise RuntimeError("must not matter")

        return callback

    ran, host, _ = run(
        raises(error) if error else lambda *_: None,
        on_success_callback=note("success"),
        on_skipped_callback=note("skipped"),
        on_retry_callback=note("retry"),
        on_failure_callback=[note("failure one"), note("failure two")],
    )
    assert callbacks.are_wanted(ran)
    run_callbacks(ran, state, host)
    assert calls == called
    assert all(context.get("exception") is error for context in contexts)
    assert all(context["ti"].state is state for context in contexts)


def test_nothing_waits_where_no_callback_can_follow() -> None:
    ran, _, _ = run(on_failure_callback=lambda context: None)
    assert isinstance(ran.outcome, Outcome)
    assert not callbacks.are_wanted(ran)

"""Deferred tasks in `dags test`, `tasks test` and DAG.test(): what they wait for runs in place."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tradewind import DAG, Variable, task
from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.triggers import (
    BaseTrigger,
    StartTriggerArgs,
    TaskFailedEvent,
    TaskSkippedEvent,
    TaskSuccessEvent,
    TriggerEvent,
)
from tradewind.config.load import load_settings
from tradewind.integrations.standard.triggers.temporal import TimeDeltaTrigger
from tradewind.model.attempts import Result
from tradewind.model.states import RunState, TaskState
from tradewind.testing.engine import RunResult, run_dag, run_task

PATIENCE_S = 60.0


class Named(BaseTrigger):
    """Does what it is named after."""

    went = threading.Event()
    cleaned: list[str] = []

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{__name__}.Named", {"what": self.what}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        match self.what:
            case "asks":
                here = Variable.get("colour")
                there = await asyncio.to_thread(Variable.get, "colour")
                assert self.task_instance is not None
                yield TriggerEvent([here, there, self.task_instance.task_id])
            case "breaks":
                raise ValueError("no such day")
            case "ends":
                yield TaskSuccessEvent(xcoms={"a": 1})
            case "skips":
                yield TaskSkippedEvent()
            case "fails":
                yield TaskFailedEvent()
            case "is silent":
                return
            case "waits for a task":
                while not self.went.is_set():
                    await asyncio.sleep(0.01)
                yield TriggerEvent("went")
            case _:
                await asyncio.sleep(3600)

    async def cleanup(self) -> None:
        self.cleaned.append(self.what)


class Waits(BaseOperator):
    def __init__(self, *, what: str, limit_s: float | None = None, **kwargs: Any) -> None:
        super().__init__(task_id=what.replace(" ", "_"), **kwargs)
        self.what = what
        self.limit_s = limit_s

    def execute(self, context: Any) -> None:
        limit = None if self.limit_s is None else timedelta(seconds=self.limit_s)
        seconds = {"moment": 0.2, "far moment": 3600}.get(self.what)
        trigger = (
            Named(self.what) if seconds is None else TimeDeltaTrigger(timedelta(seconds=seconds))
        )
        kwargs = {"since": datetime.now(UTC)}
        self.defer(trigger=trigger, method_name="go_on", kwargs=kwargs, timeout=limit)

    def go_on(self, context: Any, since: datetime, event: Any) -> list[Any]:
        assert since < datetime.now(UTC)
        return [
            event if isinstance(event, str | list) else "at that moment",
            context["ti"].try_number,
        ]


class Starts(BaseOperator):
    start_from_trigger = True

    def __init__(self, *, what: str = "asks", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls=f"{__name__}.Named",
            trigger_kwargs={"what": what},
            next_method="go_on",
            next_kwargs={"more": 2},
        )

    def execute(self, context: Any) -> None:
        raise AssertionError("never called")

    def go_on(self, context: Any, event: Any, more: int) -> list[Any]:
        return [event, more]


@pytest.fixture(autouse=True)
def coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEWIND_VAR_COLOUR", "red")
    Named.went.clear()
    Named.cleaned.clear()


def outcome_of(dag: DAG, folder: Path, **kwargs: Any) -> RunResult:
    return run_dag(dag, settings=load_settings({"TRADEWIND_HOME": str(folder)}), **kwargs)


def states(result: RunResult) -> dict[str, TaskState]:
    return {key.task_id: row.state for key, row in result.tasks.items()}


def xcoms(result: RunResult) -> dict[str, Any]:
    return {key.task_id: values for key, values in result.xcoms.items()}


def test_all_ends_of_a_wait(tmp_path: Path) -> None:
    with DAG("waiting") as dag:
        for what in ("asks", "moment", "ends", "skips"):
            Waits(what=what)
        for what in ("breaks", "is silent"):
            Waits(what=what, retries=1)
        Waits(what="comes late", limit_s=0.2)
        Starts(task_id="starts")

    result = outcome_of(dag, tmp_path)

    assert states(result) == {
        "asks": TaskState.SUCCESS,
        "moment": TaskState.SUCCESS,
        "ends": TaskState.SUCCESS,
        "skips": TaskState.SKIPPED,
        "breaks": TaskState.FAILED,
        "is_silent": TaskState.FAILED,
        "comes_late": TaskState.FAILED,
        "starts": TaskState.SUCCESS,
    }
    assert xcoms(result) == {
        "asks": {"return_value": [["red", "red", "asks"], 1]},
        "moment": {"return_value": ["at that moment", 1]},
        "ends": {"a": 1},
        "starts": {"return_value": [["red", "red", "starts"], 2]},
    }
    assert {row.try_number for row in result.tasks.values()} == {1, 2}
    assert "comes late" in Named.cleaned


def test_callbacks_are_told_of_an_end_by_the_trigger(tmp_path: Path) -> None:
    told: list[tuple[Any, ...]] = []

    def tell(kind: str) -> Callable[[Any], None]:
        def callback(context: Any) -> None:
            ti = context["ti"]
            error = str(context.get("exception", ""))
            told.append((kind, ti.task_id, ti.try_number, str(ti.state), error))

        return callback

    hooks = {f"on_{kind}_callback": tell(kind) for kind in ("success", "failure", "retry")}
    with DAG("waiting", default_args={**hooks, "on_skipped_callback": tell("skipped")}) as dag:
        Waits(what="ends")
        Waits(what="skips")
        Waits(what="fails", retries=1, retry_delay=0)
        Starts(task_id="starts", what="ends")

    result = outcome_of(dag, tmp_path)

    assert xcoms(result) == {"ends": {"a": 1}, "starts": {"a": 1}}
    assert states(result)["fails"] is TaskState.FAILED
    assert sorted(told) == [
        ("failure", "fails", 2, "failed", "its trigger failed it"),
        ("retry", "fails", 1, "up_for_retry", "its trigger failed it"),
        ("success", "ends", 1, "success", ""),
        ("success", "starts", 1, "success", ""),
    ]


def test_tasks_run_while_triggers_wait(tmp_path: Path) -> None:
    with DAG("beside") as dag:
        Waits(what="waits for a task")

        @task
        def go() -> None:
            Named.went.set()

        go()

    assert outcome_of(dag, tmp_path).state is RunState.SUCCESS


def test_a_wait_takes_its_time_after_a_retry_delay_was_skipped(tmp_path: Path) -> None:
    tries: list[int] = []
    with DAG("beside") as dag:

        @task(retries=1, retry_delay=3600)
        def breaks(ti: Any = None) -> None:
            tries.append(ti.try_number)
            if ti.try_number == 1:
                raise ValueError("once")

        @task
        def go() -> None:
            Named.went.set()

        (
            breaks()
            >> go()
            >> Waits(what="waits for a task", limit_s=PATIENCE_S)
            >> Waits(what="moment")
        )

    began = time.monotonic()
    result = outcome_of(dag, tmp_path)

    assert result.state is RunState.SUCCESS
    assert tries == [1, 2]
    assert time.monotonic() - began >= 0.2


def test_what_is_marked_a_success_does_not_begin_in_its_trigger(tmp_path: Path) -> None:
    with DAG("passed_over") as dag:
        Starts(what="never", task_id="starts")

    assert outcome_of(dag, tmp_path, mark_success="^starts").state is RunState.SUCCESS


def test_it_works_within_an_event_loop(tmp_path: Path) -> None:
    with DAG("notebook") as dag:
        Waits(what="asks")

    async def cell() -> RunState:
        return outcome_of(dag, tmp_path).state

    assert asyncio.run(cell()) is RunState.SUCCESS


@pytest.mark.parametrize(
    ("what", "result", "values"),
    [
        ("asks", Result.SUCCESS, {"return_value": [["red", "red", "asks"], 1]}),
        ("moment", Result.SUCCESS, {"return_value": ["at that moment", 1]}),
        ("ends", Result.SUCCESS, {"a": 1}),
        ("skips", Result.SKIPPED, {}),
        ("breaks", Result.FAILED, {}),
        ("comes_late", Result.FAILED, {}),
        ("far_moment", Result.FAILED, {}),
        ("starts", Result.SUCCESS, {"return_value": [["red", "red", "starts"], 2]}),
    ],
)
def test_one_task_alone(tmp_path: Path, what: str, result: Result, values: dict[str, Any]) -> None:
    with DAG("alone") as dag:
        if what == "starts":
            Starts(task_id="starts")
        else:
            limit_s = 0.2 if what in ("comes_late", "far_moment") else None
            Waits(what=what.replace("_", " "), limit_s=limit_s)
    settings = load_settings({"TRADEWIND_HOME": str(tmp_path)})

    ended = run_task(dag, what, settings=settings)

    assert (ended.outcome.result, ended.xcoms) == (result, values)

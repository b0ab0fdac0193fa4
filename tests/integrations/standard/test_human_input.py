"""Operators that ask a person, run by the engine of `dags test`, which has their answers."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tradewind import DAG, Param, task, teardown
from tradewind.authoring.notifier import BaseNotifier
from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.integrations.standard.operators.hitl import (
    ApprovalOperator,
    HITLBranchOperator,
    HITLEntryOperator,
    HITLOperator,
)
from tradewind.model.errors import Refused
from tradewind.model.keys import TaskKey
from tradewind.testing.engine import RunResult, run_dag, run_task

LONG = timedelta(days=3)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"TRADEWIND_HOME": str(tmp_path / "home")})


def states(result: RunResult) -> dict[str, str]:
    return {
        f"{key.task_id}{'' if key.map_index < 0 else key.map_index}": row.state.value
        for key, row in result.tasks.items()
    }


def output(result: RunResult, task_id: str) -> Any:
    (value,) = [found for key, found in result.xcoms.items() if key.task_id == task_id]
    return value["return_value"]


def asked(make: Any, **arguments: Any) -> DAG:
    """A DAG of one such task and one after it."""

    @task
    def after() -> None: ...

    with DAG("d") as dag:
        make(task_id="ask", subject="Go?", **arguments) >> after()
    return dag


def test_an_answer_is_the_output(settings: Settings) -> None:
    arguments = {
        "options": ["a", "b", "c"],
        "multiple": True,
        "params": {"n": Param(1, type="integer")},
    }
    dag = asked(HITLOperator, **arguments)
    result = run_dag(dag, settings=settings, responses={"ask": (("c", "a"), {"n": 5})})
    assert states(result) == {"ask": "success", "after": "success"}
    told = output(result, "ask")
    assert (told["chosen_options"], told["params_input"]) == (["c", "a"], {"n": 5})
    assert told["responded_by_user"] == {"id": "test", "name": "test"}
    assert datetime.fromisoformat(told["responded_at"]["__data__"]["iso"]).tzinfo is not None


def test_assigned_users_answer(settings: Settings) -> None:
    users = {"assigned_users": {"id": "bob", "name": "Bob"}}
    dag = asked(ApprovalOperator, **users)
    result = run_dag(dag, settings=settings, responses={"ask": (("Approve",), {})})
    assert output(result, "ask")["responded_by_user"] == {"id": "bob", "name": "Bob"}


@pytest.mark.parametrize(
    ("arguments", "answer", "ask", "after"),
    [
        ({}, "Approve", "success", "success"),
        ({}, "Reject", "success", "skipped"),
        ({"fail_on_reject": True}, "Approve", "success", "success"),
        ({"fail_on_reject": True}, "Reject", "failed", "upstream_failed"),
        ({"defaults": "Reject"}, None, "success", "skipped"),
        ({"defaults": "Approve", "response_timeout": LONG}, None, "success", "success"),
        ({"response_timeout": LONG}, None, "failed", "upstream_failed"),
    ],
)
def test_approval(
    settings: Settings, arguments: dict[str, Any], answer: str | None, ask: str, after: str
) -> None:
    """What nobody waits for takes no time in a test."""
    dag = asked(ApprovalOperator, **arguments)
    responses = {} if answer is None else {"ask": ((answer,), {})}
    result = run_dag(dag, settings=settings, responses=responses)
    assert states(result) == {"ask": ask, "after": after}


@pytest.mark.parametrize(("ignores", "last"), [(False, "success"), (True, "skipped")])
def test_a_rejection_skips_what_follows(settings: Settings, ignores: bool, last: str) -> None:
    with DAG("d") as dag:
        ask = ApprovalOperator(
            task_id="ask", subject="Go?", ignore_downstream_trigger_rules=ignores
        )
        direct = HITLOperator(task_id="direct", subject="?", options=["x"], defaults="x")

        @task(trigger_rule="all_done")
        def last_one() -> None: ...

        @teardown
        def cleans_up() -> None: ...

        ask >> direct >> last_one() >> cleans_up()
    result = run_dag(dag, settings=settings, responses={"ask": (("Reject",), {})})
    assert states(result) == {
        "ask": "success",
        "direct": "skipped",
        "last_one": last,
        "cleans_up": "success",
    }


@pytest.mark.parametrize(
    ("mapping", "chosen", "run"),
    [
        ({}, ("left",), {"left"}),
        ({"one": "left", "two": "right"}, ("two",), {"right"}),
        ({"one": "left"}, ("one", "right"), {"left", "right"}),
    ],
)
def test_a_branch_is_chosen(
    settings: Settings, mapping: dict[str, str], chosen: tuple[str, ...], run: set[str]
) -> None:
    with DAG("d") as dag:
        ask = HITLBranchOperator(
            task_id="ask",
            subject="Where?",
            options=["left", "right", "one", "two"],
            multiple=True,
            options_mapping=mapping,
        )
        for name in ("left", "right"):
            ask >> HITLOperator(task_id=name, subject="?", options=["x"], defaults="x")
    result = run_dag(dag, settings=settings, responses={"ask": (chosen, {})})
    assert {name for name, state in states(result).items() if state == "success"} == {"ask"} | run
    assert "skipped" in states(result).values() or run == {"left", "right"}


def test_params_are_filled_in(settings: Settings) -> None:
    params = {"seat": Param(type="integer", minimum=1), "note": "-"}
    dag = asked(HITLEntryOperator, params=params)
    full = run_dag(dag, settings=settings, responses={"ask": (("OK",), {"seat": 4, "note": ""})})
    wrong = run_dag(dag, settings=settings, responses={"ask": (("OK",), {"seat": 0, "note": ""})})
    other = run_dag(dag, settings=settings, responses={"ask": (("OK",), {"chair": 1})})
    assert output(full, "ask")["params_input"] == {"seat": 4, "note": ""}
    assert [states(result)["ask"] for result in (wrong, other)] == ["failed", "failed"]


def test_each_mapped_one_asks(settings: Settings) -> None:
    with DAG("d") as dag:
        HITLOperator.partial(task_id="ask", options=["x", "y"], defaults="x").expand(
            subject=["first", "second"]
        )
    result = run_dag(dag, settings=settings, responses={"ask": (("y",), {})})
    assert states(result) == {"ask0": "success", "ask1": "success"}
    chosen = [result.xcoms[TaskKey("d", result.run.key.run_id, "ask", i)] for i in (0, 1)]
    assert [value["return_value"]["chosen_options"] for value in chosen] == [["y"], ["y"]]


class Told(BaseNotifier):
    """Remembers what it was told."""

    template_fields = ("message",)

    def __init__(self, message: str, seen: list[str]) -> None:
        super().__init__()
        self.message = message
        self.seen = seen

    def notify(self, context: Any) -> None:
        link = HITLOperator.generate_link_to_ui_from_context(
            context=context, base_url="http://here:1/", options="b", params_input={"n": 2}
        )
        self.seen += [self.message, link]


def test_notifiers_are_told_what_is_asked(settings: Settings) -> None:
    seen: list[str] = []
    with DAG("d", params={"stage": "prod"}) as dag:
        HITLOperator(
            task_id="ask",
            subject="To {{ params.stage }}?",
            body="{{ params.n }}",
            options=["a", "b"],
            params={"n": 1},
            defaults=["a"],
            notifiers=Told("{{ task.subject }} {{ task.body }}", seen),
        )
    result = run_dag(dag, settings=settings)
    path = f"/dags/d/runs/{result.run.key.run_id}/tasks/ask/required_actions"
    query = "_options=%5B%27b%27%5D&n=2&map_index=-1"
    assert seen == ["To prod? 1", f"http://here:1{path}?{query}"]


def test_an_answer_that_does_not_fit_is_refused(settings: Settings) -> None:
    dag = asked(ApprovalOperator)
    with pytest.raises(Refused, match="task ask: no such option: Maybe"):
        run_dag(dag, settings=settings, responses={"ask": (("Maybe",), {})})


def test_without_an_answer_the_run_cannot_go_on(settings: Settings) -> None:
    dag = asked(ApprovalOperator)
    result = run_dag(dag, settings=settings)
    alone = run_task(dag, "ask", settings=settings)
    assert (result.state, states(result)["ask"]) == ("running", "awaiting_input")
    assert alone.outcome.result == "deferred"


def test_a_time_limit_of_the_task_is_one_of_the_answer(settings: Settings) -> None:
    with pytest.warns(DeprecationWarning, match="response_timeout"):
        operator = ApprovalOperator(task_id="t", subject="?", execution_timeout=LONG)
    assert (operator.response_timeout, operator.execution_timeout) == (LONG, None)


def test_what_listeners_are_told() -> None:
    operator = HITLEntryOperator(task_id="t", subject="?", params={"a": 1})
    assert operator.hitl_summary == {
        "subject": "?",
        "body": None,
        "options": ["OK"],
        "defaults": ["OK"],
        "multiple": False,
        "assigned_users": [],
        "serialized_params": {"a": {"value": 1, "description": None, "schema": {}}},
    }
    with pytest.raises(ValueError, match="'x' are no valid options"):
        operator.generate_link_to_ui(task_instance=None, options="x")
    with pytest.raises(ValueError, match="is no HITLOperator"):
        HITLOperator.generate_link_to_ui_from_context(context={"task": _NoOperator()})


class _NoOperator:
    task_id = "other"

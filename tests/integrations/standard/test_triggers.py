"""Triggers: what they wait for, and that they can be made again from what they say of themselves."""

import asyncio
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tradewind.authoring import host
from tradewind.authoring.triggers import BaseTrigger, TaskSuccessEvent, TriggerEvent
from tradewind.integrations.standard.triggers.external_task import (
    DagStateTrigger,
    WorkflowTrigger,
)
from tradewind.integrations.standard.triggers.file import (
    DirectoryFileDeleteTrigger,
    FileDeleteTrigger,
    FileTrigger,
)
from tradewind.integrations.standard.triggers.hitl import HITLTrigger
from tradewind.integrations.standard.triggers.temporal import DateTimeTrigger, TimeDeltaTrigger
from tradewind.model.requests import AnswerInput, InquiryOf

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
LIMIT_S = 60.0


def first_event(trigger: BaseTrigger) -> TriggerEvent:
    async def wait() -> TriggerEvent:
        events: Any = trigger.run()
        return await asyncio.wait_for(anext(events), LIMIT_S)

    return asyncio.run(wait())


def made_again(trigger: BaseTrigger) -> BaseTrigger:
    path, kwargs = trigger.serialize()
    module, _, name = path.rpartition(".")
    cls = getattr(import_module(module), name)
    again: BaseTrigger = cls(**kwargs)
    assert again.serialize() == (path, kwargs)
    return again


def test_a_moment() -> None:
    assert first_event(made_again(DateTimeTrigger(LONG_AGO))).payload == LONG_AGO
    ending = DateTimeTrigger(LONG_AGO, end_from_trigger=True)
    assert isinstance(first_event(made_again(ending)), TaskSuccessEvent)
    assert first_event(DateTimeTrigger(target_time=LONG_AGO.isoformat())).payload == LONG_AGO
    without_zone = LONG_AGO.replace(tzinfo=None).isoformat()
    assert first_event(DateTimeTrigger(target_time=without_zone)).payload == LONG_AGO
    soon = TimeDeltaTrigger(timedelta(milliseconds=5))
    assert first_event(made_again(soon)).payload == soon.moment


def test_what_is_no_moment() -> None:
    with pytest.raises(TypeError, match="must be a datetime"):
        DateTimeTrigger("2020-01-01")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="time zone"):
        DateTimeTrigger(datetime(2020, 1, 1))


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    waiting = made_again(FileTrigger(str(tmp_path / "*.csv"), poke_interval=0.01))

    async def write_while_waiting() -> Any:
        events: Any = waiting.run()
        event = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        assert not event.done()
        path.touch()
        return (await asyncio.wait_for(event, LIMIT_S)).payload

    assert asyncio.run(write_while_waiting()) is True
    assert path.exists()


def test_a_file_that_is_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "flag"
    for trigger, payload in (
        (FileDeleteTrigger(str(path), poke_interval=0.01), True),
        (
            DirectoryFileDeleteTrigger(
                directory=str(tmp_path), filename="flag", poke_interval=0.01
            ),
            {"filepath": str(path)},
        ),
    ):
        path.touch()
        assert first_event(made_again(trigger)).payload == payload
        assert not path.exists()


def test_a_folder_that_cannot_be_looked_into_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(NotADirectoryError):
        first_event(DirectoryFileDeleteTrigger(directory=str(path), filename="flag"))


class Elsewhere:
    """A host that knows more of another DAG each time it is asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[Any] = []

    def ask(self, request: Any) -> Any:
        self.asked.append(request)
        return self.answers.pop(0)

    def push_xcom(self, key: str, value: Any) -> None:
        raise AssertionError("a trigger pushes nothing")


def told(trigger: BaseTrigger, *answers: Any) -> tuple[Any, list[Any]]:
    """The payload of its first event, and what it asked before that."""
    elsewhere = Elsewhere(*answers)
    with host.use(elsewhere):
        event = first_event(made_again(trigger))
    assert elsewhere.answers == []
    return event.payload, elsewhere.asked


def test_tasks_of_another_dag() -> None:
    both = WorkflowTrigger(
        "other",
        logical_dates=[LONG_AGO],
        external_task_ids=["a", "b"],
        failed_states=["failed"],
        skipped_states=["skipped"],
        allowed_states=["success"],
        poke_interval=0.01,
    )
    nothing_yet = (0, 0, 1)
    assert told(both, *nothing_yet, 0, 0, 2)[0] == {"status": "success"}
    assert told(both, *nothing_yet, 0, 1)[0] == {"status": "skipped"}
    payload, asked = told(both, *nothing_yet, 1)
    assert payload == {"status": "failed"}
    assert [request.states for request in asked] == [
        ("failed",),
        ("skipped",),
        ("success",),
        ("failed",),
    ]
    assert {request.logical_dates for request in asked} == {(LONG_AGO,)}


def test_a_group_or_runs_of_another_dag() -> None:
    group = WorkflowTrigger(
        "other", run_ids=["r"], external_task_group_id="g", allowed_states=["success"]
    )
    runs = WorkflowTrigger("other", run_ids=["r", "s"], allowed_states=["success"])
    assert told(group, {"r": {"g.a": "success"}})[0] == {"status": "success"}
    assert told(runs, 2)[0] == {"status": "success"}


def test_the_states_of_runs() -> None:
    trigger = DagStateTrigger(
        "other", ["success", "failed"], run_ids=["r", "s"], poll_interval=0.01
    )
    (path, arguments), _ = told(trigger, 1, 2, "success", "failed")
    assert path == trigger.serialize()[0]
    assert (arguments["r"], arguments["s"]) == ("success", "failed")
    assert arguments["run_ids"] == ["r", "s"]
    dates = DagStateTrigger("other", ["success"], execution_dates=[LONG_AGO])
    assert told(dates, 1)[0][1]["execution_dates"] == [LONG_AGO]


def test_triggers_of_one_folder_share_a_look() -> None:
    def key(directory: str, filename: str) -> Any:
        trigger = DirectoryFileDeleteTrigger(directory=directory, filename=filename)
        return trigger.shared_stream_key()

    assert key("/a", "x") == key("/b/../a/", "y") != key("/b", "x")


NOT_ANSWERED = dict.fromkeys(
    ("chosen_options", "params_input", "responded_at", "responded_by_user")
)


def asks_a_person(**facts: Any) -> BaseTrigger:
    params = {"n": {"value": 1, "description": None, "schema": {"type": "integer"}}}
    arguments = {"timeout_datetime": LONG_AGO, "defaults": ["no"], "params": params, **facts}
    return HITLTrigger(ti_id="token", options=["yes", "no"], **arguments)


def answered(**facts: Any) -> dict[str, Any]:
    given = {"chosen_options": ["yes"], "params_input": {"n": 2}, "responded_by_user": None}
    return {**given, "responded_at": LONG_AGO.isoformat(), **facts}


def test_an_answer_that_came_before_the_trigger() -> None:
    ann = {"id": "ann", "name": "Ann"}
    event, asked = told(asks_a_person(), answered(responded_by_user=ann))
    assert asked == [InquiryOf(token="token")]
    assert event == {
        "chosen_options": ["yes"],
        "params_input": {"n": 2},
        "responded_by_user": ann,
        "responded_at": LONG_AGO,
        "timedout": False,
    }
    wrong, _ = told(asks_a_person(), answered(params_input={"n": "x"}))
    assert (wrong["error_type"], "'x' is not of type" in wrong["error"]) == ("validation", True)


def test_nobody_answers_in_time() -> None:
    applied = {"applied": True, "status": 200, "reason": ""}
    no = answered(chosen_options=["no"], params_input={"n": 1})
    event, asked = told(asks_a_person(), NOT_ANSWERED, NOT_ANSWERED, applied, no)
    assert (event["chosen_options"], event["timedout"]) == (["no"], True)
    assert asked[2] == AnswerInput(token="token", chosen_options=("no",), params_input={"n": 1})
    event, _ = told(asks_a_person(defaults=None), NOT_ANSWERED, NOT_ANSWERED)
    assert event["error_type"] == "timeout"

"""What is asked and answered comes back as it was, to whom it concerns, on both engines."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.conformance.storage.builders import (
    LATER,
    NOW,
    a_file,
    a_plan,
    a_run,
    a_task,
    put,
    put_run,
    record,
)
from tradewind.model.changes import InquiryWritten
from tradewind.model.human_input import Form, Inquiry, Person, Response
from tradewind.model.keys import TaskKey
from tradewind.model.requests import InquiryOf
from tradewind.model.states import TaskState
from tradewind.storage import answers, fleet, human_input
from tradewind.storage.database import Database
from tradewind.storage.secrets import Cipher, generate_key

CIPHER = Cipher(generate_key())
FORM = Form(
    subject="Fahren wir im März?",
    body="# Ja\n\n'oder' \"nein\"",
    options=("ja", "nein"),
    defaults=("nein",),
    multiple=True,
    params={"n": {"value": 1, "description": None, "schema": {"type": "integer"}}},
    assigned_users=(Person(id="ann", name="Ann"),),
)
ANSWER = Response(
    chosen_options=("ja",),
    params_input={"n": 2},
    responded_at=LATER,
    responded_by=Person(id="ann", name="Ann"),
)


def an_inquiry(task_id: str = "a", **facts: Any) -> Inquiry:
    known = {"key": TaskKey("sales", "r1", task_id), "try_number": 1, "token": f"1-{task_id}"}
    return Inquiry(**{**known, "form": FORM, "created_at": NOW, **facts})


def with_tasks(database: Database, **states: tuple[TaskState, str | None]) -> None:
    """A run of tasks in their first try, each in a state, with a token."""
    with database.write() as conn:
        record(conn, a_file(a_plan(task_ids="".join(states))))
    tasks = tuple(
        a_task(name, state=state, try_number=1, token=token)
        for name, (state, token) in states.items()
    )
    put_run(database, a_run(tasks=tasks))


def test_it_comes_back_as_it_was(database: Database) -> None:
    with_tasks(database, a=(TaskState.AWAITING_INPUT, None))
    plain = an_inquiry(form=Form(subject="?", options=("x",)))
    for asked in (plain, an_inquiry(), an_inquiry(response=ANSWER)):
        put(database, InquiryWritten(asked))
        with database.read() as conn:
            assert human_input.of_latest_try(conn, asked.key) == asked
            assert human_input.of_try(conn, asked.key, 1) == asked
            assert human_input.asked_by(conn, "1-a") == asked
            assert human_input.of_try(conn, asked.key, 2) is None
            assert human_input.asked_by(conn, "1-b") is None


def test_the_next_scheduler_is_told_what_is_still_asked(database: Database) -> None:
    with_tasks(
        database,
        a=(TaskState.AWAITING_INPUT, None),
        b=(TaskState.RUNNING, "1-b"),
        c=(TaskState.DEFERRED, None),
        d=(TaskState.SUCCESS, None),
        e=(TaskState.RUNNING, "1-later"),
        f=(TaskState.AWAITING_INPUT, None),
    )
    put(database, *(InquiryWritten(an_inquiry(name)) for name in "abcde"))
    put(database, InquiryWritten(an_inquiry("f", try_number=0)))
    with database.read() as conn:
        inquiries = fleet.load(conn, epoch=1).inquiries
    assert {one.key.task_id for one in inquiries} == set("abc")


def test_what_user_code_is_told(database: Database) -> None:
    def told() -> Any:
        with database.read() as conn:
            return answers.answer(conn, InquiryOf(token="1-a"), CIPHER)

    with_tasks(database, a=(TaskState.RUNNING, "1-a"))
    assert told() is None
    put(database, InquiryWritten(an_inquiry()))
    assert set(told().values()) == {None}
    put(database, InquiryWritten(an_inquiry(response=ANSWER)))
    assert told() == {
        "chosen_options": ["ja"],
        "params_input": {"n": 2},
        "responded_at": LATER.isoformat(),
        "responded_by_user": {"id": "ann", "name": "Ann"},
    }
    late = replace(ANSWER, responded_by=None, responded_at=LATER + timedelta(hours=1))
    put(database, InquiryWritten(an_inquiry(response=late)))
    assert told()["responded_by_user"] is None

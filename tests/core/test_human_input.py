"""Tasks that ask a person: who may answer what, when, and how the task goes on."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.core.world import NOON, World, dag, task
from tradewind.authoring import serde
from tradewind.model import changes as c
from tradewind.model.attempts import Result
from tradewind.model.commands import AskPerson, ClearTasks, MarkTask, Respond, RespondForNobody
from tradewind.model.deferral import Deferral
from tradewind.model.events import SlotsChanged
from tradewind.model.human_input import NO_RESPONSE, Form, Person
from tradewind.model.keys import TaskKey
from tradewind.model.states import TaskState

KEY = TaskKey("d", "r", "t")
ANN = Person(id="ann", name="Ann")
FORM = Form(
    subject="Go?",
    options=("yes", "no"),
    params={"why": {"value": 1, "description": None, "schema": {}}, "who": "me"},
)
WAIT = Deferral(classpath=None, kwargs=None, method="told", method_kwargs={"b": 2})


def running(**facts: Any) -> World:
    world = World(dag(task("t", retries=1, retry_delay_s=0), task("u", "t")), **facts)
    world.trigger()
    world.start("t")
    return world


def asks(world: World, form: Form = FORM) -> c.CommandAnswered:
    return world.command(AskPerson(token=world.attempt("t").token, form=form))


def asking(form: Form = FORM, timeout_s: float | None = None, **facts: Any) -> World:
    """A world whose task t waits for an answer."""
    world = running(**facts)
    assert asks(world, form).applied
    world.end("t", Result.DEFERRED, deferral=replace(WAIT, timeout_s=timeout_s))
    return world


def answer(world: World, *chosen: str, person: Person | None = ANN, **facts: Any) -> Any:
    command = Respond(key=KEY, chosen_options=chosen or ("yes",), person=person, **facts)
    return world.command(command)


def another_scheduler(world: World) -> None:
    world.rebuild()
    world.give(SlotsChanged("LocalExecutor", 100))


def event(world: World) -> Any:
    """What the method is called with in which the task goes on."""
    attempt = world.attempt("t")
    assert attempt.next_method == "told"
    assert attempt.next_kwargs["b"] == 2
    return serde.deserialize(attempt.next_kwargs)["event"]


def test_it_waits_without_a_slot_and_no_triggerer_hears_of_it() -> None:
    world = asking(slots=1)

    row = world.row("t")
    assert (row.state, row.token, row.due_at) == ("awaiting_input", None, None)
    assert not any(isinstance(change, c.TriggersChanged) for change in world.log)
    assert world.fleet.next_wake() is None
    world.trigger("other")
    assert world.row("t", "other").state == "queued"


def test_an_answer_resumes_the_same_try() -> None:
    world = asking()
    world.wait(minutes=5)

    told = answer(world, "no", params_input={"why": 7})

    assert told.result == {"responded_at": (NOON + timedelta(minutes=5)).isoformat()}
    assert event(world) == {
        "chosen_options": ["no"],
        "params_input": {"why": 7},
        "responded_at": NOON + timedelta(minutes=5),
        "responded_by_user": {"id": "ann", "name": "Ann"},
        "timedout": False,
    }
    assert world.attempt("t").try_number == 1
    world.start("t")
    world.end("t")
    assert world.row("u").state == "queued"
    assert world.waiting == {}
    assert world.fleet.inquiries == {}


def test_an_answer_before_the_wait_counts() -> None:
    world = running()
    asks(world)
    assert answer(world, "no").applied
    assert world.row("t").state == "running"

    world.end("t", Result.DEFERRED, deferral=WAIT)

    assert world.row("t").state == "queued"
    assert event(world)["chosen_options"] == ["no"]


@pytest.mark.parametrize(
    ("chosen", "person", "form", "status", "why"),
    [
        (("maybe",), ANN, {}, 400, "no such option: maybe"),
        ((), ANN, {}, 400, "choose an option"),
        (("yes", "no"), ANN, {}, 400, "only one option"),
        (("yes",), ANN, {"assigned_users": (Person(id="bob", name="Bob"),)}, 403, "Ann is not"),
    ],
)
def test_what_is_refused_changes_nothing(
    chosen: tuple[str, ...], person: Person, form: dict[str, Any], status: int, why: str
) -> None:
    world = asking(replace(FORM, **form))

    refused = world.command(Respond(key=KEY, chosen_options=chosen, person=person))

    assert (refused.applied, refused.status) == (False, status)
    assert why in refused.reason
    assert world.row("t").state == "awaiting_input"
    assert world.inquiries[KEY].response is None


def test_several_options_and_assigned_users() -> None:
    form = replace(FORM, multiple=True, assigned_users=(Person(id="bob", name="Bob"), ANN))
    world = asking(form)

    assert answer(world, "no", "yes").applied
    assert event(world)["chosen_options"] == ["no", "yes"]


def test_only_the_first_answer_counts() -> None:
    world = running()
    asks(world)
    answer(world, "no")

    assert (answer(world).status, answer(world).applied) == (409, False)
    world.end("t", Result.DEFERRED, deferral=WAIT)
    assert answer(world).status == 409
    assert event(world)["chosen_options"] == ["no"]


def test_the_defaults_count_when_nobody_answers() -> None:
    world = asking(replace(FORM, defaults=("no",)), timeout_s=60)
    assert world.row("t").due_at == NOON + timedelta(seconds=60)

    world.wait(seconds=60)

    told = event(world)
    assert (told["chosen_options"], told["timedout"]) == (["no"], True)
    assert told["params_input"] == {"why": 1, "who": "me"}
    assert told["responded_by_user"] is None
    response = world.inquiries[KEY].response
    assert response is not None
    assert response.responded_by is None


def test_without_defaults_the_task_is_told_that_nobody_answered() -> None:
    world = asking(timeout_s=60)

    world.wait(seconds=60)

    assert event(world) == NO_RESPONSE
    assert world.inquiries[KEY].response is None
    assert answer(world).status == 409


def test_an_answer_in_time_ends_the_wait() -> None:
    world = asking(timeout_s=60)
    world.wait(seconds=59)
    answer(world)

    world.wait(seconds=2)

    assert event(world)["timedout"] is False


def test_the_next_try_asks_anew() -> None:
    world = asking()
    answer(world)
    world.start("t")
    world.end("t", Result.FAILED)
    world.wait(seconds=1)
    assert world.attempt("t").next_method is None
    world.start("t")

    assert answer(world).status == 409
    assert asks(world).applied
    assert world.inquiries[KEY].try_number == 2
    assert answer(world).applied


@pytest.mark.parametrize("state", [TaskState.SUCCESS, TaskState.FAILED, TaskState.SKIPPED])
def test_nobody_is_asked_any_more_when_it_is_marked(state: TaskState) -> None:
    world = asking(timeout_s=60)
    world.command(MarkTask(dag_id="d", run_id="r", task_id="t", state=state))

    assert answer(world).status == 409
    assert world.waiting == {}
    assert world.row("t").state == state


def test_nobody_is_asked_any_more_when_it_is_cleared() -> None:
    world = asking()
    world.command(ClearTasks(dag_id="d", run_ids=("r",), task_ids=("t",)))

    assert answer(world).status == 409
    assert (world.attempt("t").next_method, world.attempt("t").try_number) == (None, 2)


def test_a_trigger_answers_for_nobody() -> None:
    world = running()
    token = world.attempt("t").token
    asks(world)
    world.end("t", Result.DEFERRED, deferral=replace(WAIT, classpath="m.Trigger"))
    for_nobody = RespondForNobody(token=token, chosen_options=("no",), params_input={})

    assert world.command(for_nobody).applied

    assert (event(world)["chosen_options"], event(world)["timedout"]) == (["no"], True)
    assert world.command(for_nobody).status == 409


def test_an_attempt_that_is_over_asks_nobody() -> None:
    world = running()
    token = world.attempt("t").token
    world.end("t")

    assert world.command(AskPerson(token=token, form=FORM)).status == 409


def test_a_cleared_attempt_asks_nobody() -> None:
    world = running()
    token = world.attempt("t").token
    asks(world)
    world.command(ClearTasks(dag_id="d", run_ids=("r",), task_ids=("t",)))

    assert answer(world).status == 409
    assert world.command(AskPerson(token=token, form=FORM)).status == 409


def test_a_task_that_waits_in_a_trigger_is_answered_too() -> None:
    world = running()
    asks(world)
    world.end("t", Result.DEFERRED, deferral=replace(WAIT, classpath="m.Trigger"))
    assert world.row("t").state == "deferred"
    world.log.clear()

    assert answer(world).applied

    assert any(isinstance(change, c.TriggersChanged) for change in world.log)
    assert event(world)["chosen_options"] == ["yes"]


@pytest.mark.parametrize("waits", [False, True])
def test_another_scheduler_knows_what_is_asked(waits: bool) -> None:
    world = asking(replace(FORM, defaults=("no",)), timeout_s=60) if waits else running()
    if not waits:
        asks(world)
    another_scheduler(world)

    assert answer(world).applied
    another_scheduler(world)
    if waits:
        assert event(world)["chosen_options"] == ["yes"]
    else:
        world.end("t", Result.DEFERRED, deferral=WAIT)
        assert event(world)["chosen_options"] == ["yes"]


def test_another_scheduler_minds_the_time() -> None:
    world = asking(replace(FORM, defaults=("no",)), timeout_s=60)
    another_scheduler(world)

    world.wait(seconds=60)

    assert event(world)["chosen_options"] == ["no"]

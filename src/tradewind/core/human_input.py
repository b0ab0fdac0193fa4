"""Task instances that ask a person: what they ask, who may answer what, and how they go on."""

from dataclasses import replace
from typing import Any

from tradewind.core.answers import NotPossible
from tradewind.core.deferral import resume
from tradewind.core.task_instance import Task
from tradewind.core.turn import Turn
from tradewind.model.changes import InquiryWritten, TriggersChanged
from tradewind.model.commands import AskPerson, Respond, RespondForNobody
from tradewind.model.human_input import NO_RESPONSE, Form, Inquiry, Response
from tradewind.model.states import TaskState


def ask(turn: Turn, command: AskPerson) -> dict[str, Any]:
    """Keep what a running attempt asks; what it asked before is asked no more."""
    task = turn.fleet.attempts.get(command.token)
    if task is None or task.state is TaskState.RESTARTING:
        raise NotPossible(409, "the attempt that asks is over")
    inquiry = Inquiry(
        key=task.key,
        try_number=task.try_number,
        token=command.token,
        form=command.form,
        created_at=turn.now,
    )
    turn.fleet.inquiries[task.key] = inquiry
    turn.emit(InquiryWritten(inquiry))
    return {}


def respond(turn: Turn, command: Respond) -> dict[str, Any]:
    """Answer, and let the task go on; if it has not begun to wait yet, as soon as it does."""
    fleet, key = turn.fleet, command.key
    run = fleet.runs.get(key.run)
    task = None if run is None else run.find(key.task_id, key.map_index)
    inquiry = fleet.inquiries.get(key)
    if task is None or inquiry is None:
        raise NotPossible(409, f"task instance {key.task_id} waits for nobody's answer")
    if inquiry.response is not None:
        raise NotPossible(409, f"task instance {key.task_id} has been answered already")
    _check(inquiry.form, command)
    response = Response(
        chosen_options=command.chosen_options,
        params_input=command.params_input,
        responded_at=turn.now,
        responded_by=command.person,
    )
    _answer(turn, inquiry, response)
    if task.state is TaskState.DEFERRED:
        turn.emit(TriggersChanged())
    if task.state in (TaskState.DEFERRED, TaskState.AWAITING_INPUT):
        _go_on(turn, task, response.as_event(), "a person answered")
    return {"responded_at": turn.now.isoformat()}


def respond_for_nobody(turn: Turn, command: RespondForNobody) -> dict[str, Any]:
    """The same, by the token of the attempt that asked."""
    asked = (one for one in turn.fleet.inquiries.values() if one.token == command.token)
    inquiry = next(asked, None)
    if inquiry is None:
        raise NotPossible(409, "the attempt that asked waits for nobody's answer")
    answer = Respond(
        key=inquiry.key, chosen_options=command.chosen_options, params_input=command.params_input
    )
    return respond(turn, answer)


def go_on_if_answered(turn: Turn, task: Task) -> None:
    """A task instance has begun to wait; it may have been answered before that."""
    inquiry = turn.fleet.inquiries.get(task.key)
    if task.state is TaskState.AWAITING_INPUT and inquiry is not None and inquiry.response:
        _go_on(turn, task, inquiry.response.as_event(), "a person had answered already")


def came_due(turn: Turn, task: Task) -> None:
    """Nobody has answered in time: the defaults count, if there are any."""
    if task.due_at is None or task.due_at > turn.now:
        return
    inquiry = turn.fleet.inquiries.get(task.key)
    if inquiry is None or inquiry.form.defaults is None:
        _go_on(turn, task, NO_RESPONSE, "nobody has answered in time")
        return
    response = Response(
        chosen_options=inquiry.form.defaults,
        params_input=inquiry.form.default_params(),
        responded_at=turn.now,
        responded_by=None,
    )
    _answer(turn, inquiry, response)
    _go_on(turn, task, response.as_event(), "nobody has answered in time: the defaults count")


def _check(form: Form, command: Respond) -> None:
    assigned, person = form.assigned_users, command.person
    if assigned and person is not None and person.id not in {user.id for user in assigned}:
        names = ", ".join(user.name for user in assigned)
        raise NotPossible(403, f"{person.name} is not assigned to this task: {names} may answer")
    unknown = [option for option in command.chosen_options if option not in form.options]
    if unknown:
        raise NotPossible(
            400, f"no such option: {', '.join(unknown)}; there are {', '.join(form.options)}"
        )
    if not command.chosen_options:
        raise NotPossible(400, f"choose an option: {', '.join(form.options)}")
    if len(command.chosen_options) > 1 and not form.multiple:
        raise NotPossible(400, "only one option may be chosen")


def _answer(turn: Turn, inquiry: Inquiry, response: Response) -> None:
    answered = replace(inquiry, response=response)
    turn.fleet.inquiries[inquiry.key] = answered
    turn.emit(InquiryWritten(answered))


def _go_on(turn: Turn, task: Task, event: dict[str, Any], reason: str) -> None:
    waiting = task.waiting
    assert waiting is not None
    resume(turn, task, waiting.method, {**waiting.method_kwargs, "event": event}, reason)

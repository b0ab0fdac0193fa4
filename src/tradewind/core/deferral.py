"""How the wait of a task instance ends: by its trigger's word, or because it was too long."""

from typing import Any

from tradewind.core import choices, retries
from tradewind.core.answers import NotPossible
from tradewind.core.endings import stop_after_failure
from tradewind.core.fleet import Fleet
from tradewind.core.readiness import wait_for_slots
from tradewind.core.task_instance import Task
from tradewind.core.turn import Turn
from tradewind.core.waiting import is_over
from tradewind.model.changes import TriggersChanged, WaitWritten, XComWritten
from tradewind.model.commands import TriggerSaid
from tradewind.model.deferral import (
    ENDED_BY_TRIGGER,
    FAILED_TRIGGER,
    TRIGGER_FAILURE,
    TRIGGER_TIMEOUT,
    Waiting,
    Word,
)
from tradewind.model.keys import TaskKey
from tradewind.model.states import TaskState


def said(turn: Turn, command: TriggerSaid) -> dict[str, Any]:
    """A triggerer hands its trigger's word over; only the first word of a trigger counts."""
    task = _find(turn.fleet, command.key)
    waiting = None if task is None else task.waiting
    if task is None or waiting is None or waiting.trigger != command.trigger:
        raise NotPossible(409, f"nothing waits for trigger {command.trigger}")
    _hear(turn, task, waiting, command.word)
    return {}


def came_due(turn: Turn, task: Task) -> None:
    """The moment that a task instance waits for has come, or it has waited too long."""
    waiting = task.waiting
    if waiting is None or task.due_at is None or task.due_at > turn.now:
        return
    if is_over(waiting, turn.now):
        _hear(turn, task, waiting, waiting.word or Word())
    else:
        resume(turn, task, *goes_on_too_late(), "it has waited for its trigger too long")
        turn.emit(TriggersChanged())


def goes_on(method: str, kwargs: dict[str, Any], word: Word) -> tuple[str, dict[str, Any]]:
    """The method in which a task goes on, and its arguments, after a word that does not end it."""
    if word.failure is not None:
        return FAILED_TRIGGER, {"error": TRIGGER_FAILURE, "traceback": list(word.failure)}
    return method, {**kwargs, "event": word.payload}


def goes_on_too_late() -> tuple[str, dict[str, Any]]:
    """The same after a wait that was too long."""
    return FAILED_TRIGGER, {"error": TRIGGER_TIMEOUT}


def _hear(turn: Turn, task: Task, waiting: Waiting, word: Word) -> None:
    if word.end is not None and _calls_back(task, word.end):
        end = {"state": word.end.value, "xcoms": [list(pair) for pair in word.xcoms]}
        resume(
            turn, task, ENDED_BY_TRIGGER, end, "its trigger ended it, for its callbacks to be told"
        )
    elif word.end is not None:
        _end(turn, task, word.end, word)
    else:
        reason = "its trigger fired" if word.failure is None else "its trigger failed"
        resume(turn, task, *goes_on(waiting.method, waiting.method_kwargs, word), reason)


def _calls_back(task: Task, end: TaskState) -> bool:
    """Whether an end by its trigger needs a process all the same: of those that call back, all but the
    skipped ones."""
    return task.node.plan.has_end_callbacks and end is not TaskState.SKIPPED


def resume(turn: Turn, task: Task, method: str, arguments: dict[str, Any], reason: str) -> None:
    """Let it have a process again, to go on in `method`: the same try."""
    going_on = Waiting(key=task.key, trigger=None, method=method, method_kwargs=arguments)
    turn.move(
        task,
        TaskState.SCHEDULED,
        reason,
        waiting=going_on,
        scheduled_at=turn.now,
        due_at=None,
    )
    turn.emit(WaitWritten(going_on, None))
    wait_for_slots(turn, task)


def _end(turn: Turn, task: Task, state: TaskState, word: Word) -> None:
    """End the try as the trigger says; a failed one is retried as any other."""
    if state is TaskState.FAILED and retries.has_try_left(task.try_number, task.max_tries):
        plan, date = task.node.plan, task.run.logical_date
        delay = retries.delay(plan, task.key, logical_date=date, try_number=task.try_number)
        due = turn.now + delay
        reason = "its trigger failed it, with a try left"
        turn.move(task, TaskState.UP_FOR_RETRY, reason, end_date=turn.now, due_at=due)
        if due > turn.now:
            turn.fleet.wake_at(due, task.key)
        else:
            turn.fleet.look_at([task])
        return
    for key, value in word.xcoms:
        turn.emit(XComWritten(task.key, key, value))
        choices.note(task, key, value)
    turn.move(task, state, "its trigger ended it", end_date=turn.now, due_at=None)
    if state is TaskState.FAILED:
        stop_after_failure(turn, task.run, f"fail_fast: {task.key.task_id} failed")


def _find(fleet: Fleet, key: TaskKey) -> Task | None:
    run = fleet.runs.get(key.run)
    return None if run is None else run.find(key.task_id, key.map_index)

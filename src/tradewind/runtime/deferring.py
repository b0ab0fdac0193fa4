"""Waits and what ends them as plain data: never a pickle, so that any process may hold them."""

from typing import Any

from tradewind.authoring import configuration, serde
from tradewind.authoring.errors import TaskAwaitingInput, TaskDeferred
from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.triggers import BaseTaskEndEvent, TriggerEvent
from tradewind.model.deferral import Deferral, Word


def deferral_of(pause: TaskDeferred | TaskAwaitingInput, task: BaseOperator | None) -> Deferral:
    """What a task that gives its process up waits for. Raises TypeError for what is no JSON data."""
    method_kwargs = serde.serialize(pause.kwargs or {}, "kwargs for when it goes on")
    timeout_s = None if pause.timeout is None else pause.timeout.total_seconds()
    if isinstance(pause, TaskAwaitingInput):
        return Deferral(
            classpath=None,
            kwargs=None,
            method=pause.method_name,
            method_kwargs=method_kwargs,
            timeout_s=timeout_s,
        )
    trigger = pause.trigger
    classpath, kwargs = trigger.serialize()
    moment = trigger._as_moment() if hasattr(trigger, "_as_moment") else None
    return Deferral(
        classpath=classpath,
        kwargs=serde.serialize(kwargs, f"of the trigger {classpath}, kwargs"),
        method=pause.method_name,
        method_kwargs=method_kwargs,
        queue=_queue(trigger, task),
        timeout_s=timeout_s,
        at=None if moment is None else moment[0],
        word=None if moment is None else word_of(moment[1]),
    )


def word_of(event: TriggerEvent) -> Word:
    """What an event of a trigger says. Raises TypeError for what is no JSON data."""
    if isinstance(event, BaseTaskEndEvent):
        xcoms = serde.serialize(event.xcoms or {}, "xcoms of the event")
        return Word(end=event.task_instance_state, xcoms=tuple(xcoms.items()))
    return Word(payload=serde.serialize(event.payload, "payload of the event"))


def _queue(trigger: Any, task: BaseOperator | None) -> str | None:
    is_queued = configuration.current().triggerer.queues_enabled
    if task is None or not is_queued or not getattr(trigger, "supports_triggerer_queue", True):
        return None
    return task.queue

"""Triggers: what a task waits for while it holds no process, and the events that end the wait."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Collection, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from tradewind.authoring.logs import LoggingMixin
from tradewind.authoring.template_fields import TemplatedMixin
from tradewind.model.states import TaskState

_HOME = "airflow.triggers.base"


@dataclass
class StartTriggerArgs:
    """How a task begins in a trigger, without a process of its own."""

    trigger_cls: str
    next_method: str
    trigger_kwargs: dict[str, Any] | None = None
    next_kwargs: dict[str, Any] | None = None
    timeout: timedelta | None = None


StartTriggerArgs.__module__ = _HOME


class BaseTrigger(ABC, TemplatedMixin, LoggingMixin):
    """Waits in `run`, an async generator whose first event resumes the task."""

    __module__ = _HOME
    supports_triggerer_queue: ClassVar[bool] = True
    template_fields: Collection[str] = ()

    def __init__(self, **kwargs: Any) -> None:
        self.trigger_id: int | None = None
        self.task_instance: Any = None
        self.kwargs = kwargs

    @abstractmethod
    def serialize(self) -> tuple[str, dict[str, Any]]:
        """(class path, keyword arguments) that make this trigger again."""
        raise NotImplementedError(f"{type(self).__name__} has no serialize method")

    @abstractmethod
    async def run(self) -> AsyncIterator["TriggerEvent"]:
        """Wait, and yield events."""
        raise NotImplementedError(f"{type(self).__name__} has no run method")
        yield  # makes this an async generator

    async def cleanup(self) -> None:
        """Called when the wait is over, however it ended."""

    async def on_kill(self) -> None:
        """Called when the task is being stopped."""

    def _as_moment(self) -> "tuple[datetime, TriggerEvent] | None":
        """When it fires and with what, if waiting for that moment is all that `run` does."""
        return None

    @property
    def task(self) -> Any:
        """The task that waits, or None."""
        return getattr(self.task_instance, "task", None)

    def __repr__(self) -> str:
        path, kwargs = self.serialize()
        told = ", ".join(f"{name}={value!r}" for name, value in kwargs.items())
        return f"<{path} {told}>" if told else f"<{path}>"


class BaseEventTrigger(BaseTrigger):
    """A trigger that may also make events of an asset."""

    __module__ = _HOME
    supports_triggerer_queue = False

    @staticmethod
    def hash(classpath: str, kwargs: dict[str, Any]) -> int:
        """One number for all triggers of the same class and arguments."""
        return hash((classpath, repr(sorted(kwargs.items()))))

    def shared_stream_key(self) -> Hashable | None:
        """Triggers with the same key read one stream; None: a stream of its own."""
        return None

    @classmethod
    async def open_shared_stream(cls, kwargs: dict[str, Any]) -> AsyncIterator[Any]:
        """The stream that triggers of one key share."""
        raise NotImplementedError(f"{cls.__name__} has no open_shared_stream method")
        yield  # makes this an async generator

    async def filter_shared_stream(
        self, shared_stream: AsyncIterator[Any]
    ) -> AsyncIterator["TriggerEvent"]:
        """The events of the shared stream that are this trigger's."""
        raise NotImplementedError(f"{type(self).__name__} has no filter_shared_stream method")
        yield  # makes this an async generator


class TriggerEvent:
    """What a trigger says; its payload is handed to the task's method."""

    __module__ = _HOME

    def __init__(self, payload: Any, **_: Any) -> None:
        self.payload = payload

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TriggerEvent) and self.payload == other.payload

    def __hash__(self) -> int:
        return hash(repr(self.payload))

    def __repr__(self) -> str:
        return f"TriggerEvent<{self.payload!r}>"


class BaseTaskEndEvent(TriggerEvent):
    """Ends the task without a process of its own."""

    __module__ = _HOME
    task_instance_state: ClassVar[TaskState]

    def __init__(
        self, *, xcoms: dict[str, Any] | None = None, payload: Any = None, **_: Any
    ) -> None:
        super().__init__(payload if payload is not None else self.task_instance_state)
        self.xcoms = xcoms


class TaskSuccessEvent(BaseTaskEndEvent):
    """Ends the task well."""

    __module__ = _HOME
    task_instance_state = TaskState.SUCCESS


class TaskFailedEvent(BaseTaskEndEvent):
    """Fails the task."""

    __module__ = _HOME
    task_instance_state = TaskState.FAILED


class TaskSkippedEvent(BaseTaskEndEvent):
    """Skips the task."""

    __module__ = _HOME
    task_instance_state = TaskState.SKIPPED

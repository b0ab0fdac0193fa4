"""A task instance that waits without a process: for what, and where it goes on."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tradewind.model.keys import TaskKey
from tradewind.model.states import TaskState

ENDED_BY_TRIGGER = "__end__"
"""Stands for a method where the trigger ended the task, and only its callbacks want a process; the
arguments then are `state`, success or failed, and `xcoms`, as in Word."""
FAILED_TRIGGER = "__fail__"
"""Stands for a method where the wait failed; the arguments then say why."""
TRIGGER_FAILURE = "Trigger failure"
TRIGGER_TIMEOUT = "Trigger timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a trigger says, once: an event that resumes the task, an end of it, or a failure."""

    payload: Any = None
    """Of the event, as JSON data."""
    end: TaskState | None = None
    """success, failed or skipped: the task ends with it, and is not called again."""
    xcoms: tuple[tuple[str, Any], ...] = ()
    """Pushed with that end."""
    failure: tuple[str, ...] | None = None
    """Lines of a traceback, or of what else is known: the trigger failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferral:
    """What a task asks for when it gives its process up."""

    classpath: str | None
    """Of the trigger; None: it waits for a person's answer."""
    kwargs: Any
    """Of the trigger: JSON data; text where it is a Fernet token of such data."""
    method: str
    """Where the task goes on."""
    method_kwargs: dict[str, Any] = field(default_factory=dict)
    queue: str | None = None
    """Of the triggerers that may run it; None for those that have none."""
    timeout_s: float | None = None
    at: datetime | None = None
    """The trigger is nothing but this moment; no triggerer need run it."""
    word: Word | None = None
    """What it says then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A task instance that waits, or is about to go on where it left off."""

    key: TaskKey
    trigger: str | None
    """Names what it waits for; None as soon as that has come."""
    method: str
    method_kwargs: dict[str, Any] = field(default_factory=dict)
    timeout_at: datetime | None = None
    at: datetime | None = None
    word: Word | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerRow:
    """A trigger that a triggerer is to run."""

    trigger: str
    key: TaskKey
    try_number: int
    classpath: str
    kwargs: Any
    """As in Deferral."""
    queue: str | None
    created_at: datetime
    timeout_at: datetime | None
    at: datetime | None = None
    """As in Deferral: then no triggerer runs it."""


def number_of(trigger: str) -> int:
    """A trigger's name (`EPOCH-SERIAL`) as the one number that Airflow knows triggers by."""
    epoch, _, serial = trigger.partition("-")
    return (int(epoch) << 32) + int(serial)

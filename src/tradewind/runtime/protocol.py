"""What executor, supervisor, zygotes and task processes tell each other: one JSON line a message.

A line is `["ClassName", {fields}]`. The events and orders of `model` travel as they are, so a
supervisor hands a task's report on without taking it apart.
"""

import json
from dataclasses import dataclass
from typing import Any

from tradewind.model.attempts import Attempt
from tradewind.model.changes import EndAcknowledged, Kill
from tradewind.model.codec import from_data, to_data
from tradewind.model.deferral import Word
from tradewind.model.events import (
    AttemptEnded,
    AttemptStarted,
    CodeLoaded,
    FieldsRendered,
    XComPushed,
)
from tradewind.model.keys import TaskKey
from tradewind.model.parsed import RecordedInput
from tradewind.model.requests import REQUESTS, Request

# --- executor -> supervisor; Kill and EndAcknowledged of `model.changes` besides ------------


@dataclass(frozen=True, slots=True)
class Hello:
    """First message of a partner: its leadership and every attempt it believes under way."""

    epoch: int
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """Begin an attempt."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Stop:
    """Take nothing new and exit when the last task has ended."""

    kill_tasks: bool


@dataclass(frozen=True, slots=True)
class AnswersChanged:
    """Some Variable or Connection is different: who loaded a file with its value must ask again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """To a Question; also handed on to the task. `error` is the message of a refusal."""

    token: str
    request_id: int
    data: Any = None
    error: str | None = None


# --- supervisor -> executor; the events of `model.events` besides ---------------------------


@dataclass(frozen=True, slots=True)
class Welcome:
    """Answer to Hello: which of the attempts named there the supervisor knows."""

    pid: int
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unwelcome:
    """Answer to a Hello under an epoch that has passed."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Question:
    """A task asks something only its partner can answer. `request` is (class name, fields)."""

    token: str
    request_id: int
    request: tuple[str, dict[str, Any]]


# --- supervisor -> zygote; Begin besides, with the socket of the process that is to be forked ---


@dataclass(frozen=True, slots=True)
class Grow:
    """Fork a zygote of one DAG file; its socket comes along."""

    name: str
    fileloc: str
    code_hash: str


@dataclass(frozen=True, slots=True)
class Hire:
    """Fork a worker, which makes many attempts; its socket comes along."""

    name: str


# --- zygote -> supervisor -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Grown:
    """A file zygote is there and about to load its file."""

    pid: int


@dataclass(frozen=True, slots=True)
class Ready:
    """A file zygote has loaded. `unsafe` says why it must not fork, if so."""

    unsafe: str | None = None
    private_kib: int = 0
    code_hash: str = ""
    """Of what it has really loaded."""
    asked: tuple[RecordedInput, ...] = ()
    """The Variables and Connections it was told meanwhile."""


@dataclass(frozen=True, slots=True)
class Declined:
    """A file zygote makes no process for an attempt: what it has loaded is old."""

    token: str
    reason: str


@dataclass(frozen=True, slots=True)
class Exited:
    """A task process or a worker is gone. `status` is that of wait4."""

    token: str
    """Of the attempt, or the worker's name."""
    pid: int
    status: int
    cpu_s: float
    max_rss_kib: int


# --- worker -> supervisor -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Freed:
    """A worker is through with an attempt and, unless it `leaves`, ready for the next."""

    token: str
    cpu_s: float
    """What it has used in all its life."""
    leaves: bool = False


# --- supervisor <-> task process ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Begin:
    """Make this attempt: to a zygote, or as the first message to a spawned process.

    What can be known beforehand is said here, for it costs a process that forks, or has been
    forked, ten times what it costs the supervisor (docs/decisions/0006-what-a-fork-costs.md).
    """

    attempt: Attempt
    journal: str
    """Where to write that it has started."""
    log: str
    """Where to write what it prints."""
    mark: str
    """What names the attempt in the environment of all its processes."""
    hostname: str


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """The task has an execution_timeout: the second line of defence, should its own alarm fail."""

    token: str
    seconds: float


# --- triggerer <-> the process of its triggers; Question and Answer besides --------------------


@dataclass(frozen=True, slots=True)
class RunTrigger:
    """Run a trigger until it says something."""

    trigger: str
    key: TaskKey
    try_number: int
    classpath: str
    kwargs: dict[str, Any]
    log: str
    """Where to write what it logs: the log of the try that waits."""


@dataclass(frozen=True, slots=True)
class CancelTrigger:
    """Nobody waits for it any more. `by_user`: because its task was cleared, marked, ended."""

    trigger: str
    by_user: bool


@dataclass(frozen=True, slots=True)
class TriggerSpoke:
    """Its one word, said once: whoever hears it keeps it until it is stored."""

    trigger: str
    word: Word


Message = (
    Hello
    | Start
    | Kill
    | EndAcknowledged
    | Stop
    | Answer
    | Welcome
    | Unwelcome
    | Question
    | AttemptStarted
    | CodeLoaded
    | AttemptEnded
    | XComPushed
    | FieldsRendered
    | Grow
    | Grown
    | Ready
    | Declined
    | AnswersChanged
    | Exited
    | Hire
    | Freed
    | Begin
    | TimeLimit
    | RunTrigger
    | CancelTrigger
    | TriggerSpoke
)
MESSAGES: dict[str, type[Any]] = {
    cls.__name__: cls
    for cls in (
        Hello,
        Start,
        Kill,
        EndAcknowledged,
        Stop,
        Answer,
        Welcome,
        Unwelcome,
        Question,
        AttemptStarted,
        CodeLoaded,
        AttemptEnded,
        XComPushed,
        FieldsRendered,
        Grow,
        Grown,
        Ready,
        Declined,
        AnswersChanged,
        Exited,
        Hire,
        Freed,
        Begin,
        TimeLimit,
        RunTrigger,
        CancelTrigger,
        TriggerSpoke,
    )
}


_as_text = json.JSONEncoder(separators=(",", ":")).encode


def encode(message: Message) -> bytes:
    """A message as one line, without its newline."""
    return line_of(type(message).__name__, to_data(message))


def line_of(name: str, data: dict[str, Any]) -> bytes:
    """The line of a message whose fields are JSON data already."""
    return _as_text([name, data]).encode()


def peek(line: bytes) -> tuple[str, dict[str, Any]]:
    """Name and raw fields of a line, for whoever only hands it on. Raises ValueError."""
    match json.loads(line):
        case [str(name), dict(data)]:
            return name, data
    raise ValueError(f"no message: {line[:80]!r}")


def is_called(name: str, line: bytes) -> bool:
    """Whether a line is a message of this name."""
    return line.startswith(b'["%s",' % name.encode())


def decode(line: bytes) -> Message:
    """The message of a line. Raises ValueError for anything else."""
    name, data = json.loads(line)
    if name not in MESSAGES:
        raise ValueError(f"no message is called {name!r}")
    message: Message = from_data(MESSAGES[name], data)
    return message


def pack_request(request: Request) -> tuple[str, dict[str, Any]]:
    """A request as Question carries it."""
    return type(request).__name__, to_data(request)


def unpack_request(packed: tuple[str, dict[str, Any]]) -> Request:
    """The request that `pack_request` packed. Raises ValueError."""
    name, data = packed
    if name not in REQUESTS:
        raise ValueError(f"no request is called {name!r}")
    request: Request = from_data(REQUESTS[name], data)
    return request

"""What a supervisor holds of one attempt until the scheduler has its end on disk."""

import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from tradewind.model.attempts import Outcome, Result
from tradewind.model.events import AttemptEnded
from tradewind.model.requests import AllIsStored
from tradewind.runtime.leftovers import signal_group
from tradewind.runtime.protocol import Exited, Question, encode, pack_request
from tradewind.runtime.reactor import Reactor, Timer

STILLBORN_MAX = 3
REPORTS_KEPT = 256
"""So many are held before it is asked which of them are in the database."""
ARE_STORED = -1
"""The number of that question; a task counts its own from 1."""
REMEMBERED_MAX = 1000


class Line(Protocol):
    """To the process of an attempt; the process may make others when this one is closed."""

    @property
    def is_open(self) -> bool: ...
    def send(self, line: bytes) -> None: ...
    def drain(self) -> None: ...
    def close(self) -> None: ...


@dataclass(slots=True, eq=False)
class HeldAttempt:
    """One attempt between its dispatch and the acknowledgement of its end."""

    token: str
    key: tuple[Any, ...] = ()
    """Of its task instance; empty for one that a former supervisor left."""
    channel: Line | None = None
    """To its process; None for one that a former supervisor left."""
    pid: int | None = None
    """Known when it has started. Also its process group."""
    unsettled: list[bytes] = field(default_factory=list)
    """Reports that may not be in the database, in order, to be said again to a new partner. The
    first is its start."""
    doubtful: int = 0
    """How many of these the pending question is about."""
    questions: dict[int, bytes] = field(default_factory=dict)
    """Asked and not answered."""
    is_ended: bool = False
    """The task told its outcome, or we did for it."""
    is_gone: bool = False
    """Its process is no more."""
    has_lost_zygote: bool = False
    """Nobody will tell when its process is gone, but its socket."""
    is_settled: bool = False
    """The scheduler has acknowledged the end."""
    end_reason: str | None = None
    """Why we are ending it, if we are."""
    is_told: bool = False
    """It has had its SIGTERM."""
    timers: list[Timer] = field(default_factory=list)
    begin: Callable[[], None] | None = None
    """Has its process made, while that waits for another to be gone."""
    follower: "HeldAttempt | None" = None
    """A further attempt of the same task, which begins when this one is gone."""

    @property
    def is_in_the_way(self) -> bool:
        """Whether user code of it may run, so that no other try of its task may begin."""
        return not self.is_gone and (not self.is_ended or self.end_reason is not None)

    @property
    def awaits_acknowledgement(self) -> bool:
        """Its process lives on for its callbacks, which depend on what becomes of the task."""
        return self.is_ended and not self.is_gone and not self.is_settled

    def end(self, reason: str, reactor: Reactor, grace_s: float) -> None:
        """SIGTERM to its process group, so that `on_kill` runs; SIGKILL after `grace_s`."""
        self.end_reason = reason
        if self.pid is None or self.is_gone or self.is_told:
            return  # if it has not started, it will be ended when it has
        self.is_told = True
        signal_group(self.pid, signal.SIGTERM)
        pid = self.pid
        self.call_after(grace_s, reactor, lambda: signal_group(pid, signal.SIGKILL))

    def call_after(self, delay_s: float, reactor: Reactor, call: Callable[[], None]) -> None:
        """Make a call, unless its process has ended by then."""
        self.timers.append(reactor.after(delay_s, call))

    def ask_what_is_stored(self) -> bytes | None:
        """A question to the partner, if it is time: of a task that says much, not all is kept."""
        if len(self.unsettled) < REPORTS_KEPT or ARE_STORED in self.questions:
            return None
        self.doubtful = len(self.unsettled)
        question = Question(self.token, ARE_STORED, pack_request(AllIsStored()))
        line = self.questions[ARE_STORED] = encode(question)
        return line

    def answer(self, request_id: int, line: bytes) -> None:
        """Hand an answer on, once."""
        if request_id == ARE_STORED:
            if self.questions.pop(ARE_STORED, None) is not None:
                del self.unsettled[1 : self.doubtful]
            return
        if self.questions.pop(request_id, None) is not None and self.channel is not None:
            self.channel.send(line)

    @property
    def is_silent(self) -> bool:
        """Whether a process that has not said a word yet may still do so."""
        return self.pid is None and self.channel is not None and self.channel.is_open

    def hear(self) -> None:
        """Take in what it has said."""
        if self.channel is not None:
            self.channel.drain()

    def gone(self) -> None:
        """Its process is no more: hear its last words."""
        self.hear()
        self.is_gone = True
        self.questions.clear()
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()
        if self.channel is not None:
            self.channel.close()


class Stillborn:
    """Counts the processes in a row that were gone before their first word, task by task."""

    def __init__(self) -> None:
        self._counts: dict[tuple[Any, ...], int] = {}

    def lives(self, attempt: HeldAttempt) -> None:
        """It has said its first word."""
        self._counts.pop(attempt.key, None)

    def is_one_too_many(self, attempt: HeldAttempt) -> bool:
        """Note one more; whether no more shall be made for this try."""
        count = self._counts.pop(attempt.key, 0) + 1
        if count < STILLBORN_MAX:
            self._counts[attempt.key] = count
            if len(self._counts) > REMEMBERED_MAX:
                del self._counts[next(iter(self._counts))]
        return count >= STILLBORN_MAX


def how_it_ended(attempt: HeldAttempt, exited: Exited | None, stillborn: Stillborn) -> AttemptEnded:
    """The end of an attempt that has not told its own. `exited` is None if its zygote died."""
    how = describe_exit(os.waitstatus_to_exitcode(exited.status)) if exited else "its zygote died"
    reason = "; ".join(part for part in (attempt.end_reason, how) if part)
    if attempt.pid is not None:
        return end_of(attempt.token, Result.LOST, reason, exited)
    if attempt.end_reason is None and stillborn.is_one_too_many(attempt):
        reason = f"{STILLBORN_MAX} processes in a row were gone before they could start: {reason}"
        return end_of(attempt.token, Result.FAILED, reason, exited)
    return end_of(attempt.token, Result.NOT_STARTED, reason, exited)


def why_too_late(order: dict[str, Any]) -> str | None:
    """Why an order is followed no more; None if it is. Its scheduler may have hung since it decided,
    and another may have ordered the same elsewhere."""
    until = order.get("expires_at")
    if until is None or datetime.now(UTC) <= datetime.fromisoformat(until):
        return None
    return f"the order to begin it was good until {until}"


def end_of(token: str, result: Result, reason: str, exited: Exited | None = None) -> AttemptEnded:
    """An end that the supervisor tells in the task's place."""
    outcome = Outcome(
        result=result,
        end_date=datetime.now(UTC),
        reason=f"lost: {reason}" if result is Result.LOST else reason,
        cpu_s=exited.cpu_s if exited else None,
        max_rss_kib=exited.max_rss_kib if exited else None,
    )
    return AttemptEnded(token, outcome)


def describe_exit(exit_code: int) -> str:
    """`exit code 3`, `exit code -9 (SIGKILL)`."""
    if exit_code < 0:
        with contextlib.suppress(ValueError):
            return f"exit code {exit_code} ({signal.Signals(-exit_code).name})"
    return f"exit code {exit_code}"

"""What a supervisor holds of one attempt until the scheduler has its end on disk."""

import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tradewind.model.attempts import Outcome, Result
from tradewind.model.events import AttemptEnded
from tradewind.runtime.channel import LoopChannel
from tradewind.runtime.leftovers import signal_group
from tradewind.runtime.protocol import Exited
from tradewind.runtime.reactor import Reactor, Timer


@dataclass(slots=True, eq=False)
class HeldAttempt:
    """One attempt between its dispatch and the acknowledgement of its end."""

    token: str
    channel: LoopChannel | None = None
    """To its process; None for one that a former supervisor left."""
    pid: int | None = None
    """Known when it has started. Also its process group."""
    unsettled: list[bytes] = field(default_factory=list)
    """Every report, in order, to be said again to a new partner."""
    questions: dict[int, bytes] = field(default_factory=dict)
    """Asked and not answered."""
    is_ended: bool = False
    """The task told its outcome, or we did for it."""
    is_gone: bool = False
    """Its process is no more."""
    is_settled: bool = False
    """The scheduler has acknowledged the end."""
    end_reason: str | None = None
    """Why we are ending it, if we are."""
    timers: list[Timer] = field(default_factory=list)

    @property
    def awaits_acknowledgement(self) -> bool:
        """Its process lives on for its callbacks, which depend on what becomes of the task."""
        return self.is_ended and not self.is_gone and not self.is_settled

    def end(self, reason: str, reactor: Reactor, grace_s: float) -> None:
        """SIGTERM to its process group, so that `on_kill` runs; SIGKILL after `grace_s`."""
        self.end_reason = reason
        if self.pid is None or self.is_gone:
            return  # it has not started: it will be ended when it has
        signal_group(self.pid, signal.SIGTERM)
        pid = self.pid
        self.call_after(grace_s, reactor, lambda: signal_group(pid, signal.SIGKILL))

    def call_after(self, delay_s: float, reactor: Reactor, call: Callable[[], None]) -> None:
        """Make a call, unless its process has ended by then."""
        self.timers.append(reactor.after(delay_s, call))

    def answer(self, request_id: int, line: bytes) -> None:
        """Hand an answer on, once."""
        if self.questions.pop(request_id, None) is not None and self.channel is not None:
            self.channel.send(line)

    def gone(self) -> None:
        """Its process is no more: hear its last words."""
        if self.channel is not None:
            self.channel.drain()
        self.is_gone = True
        self.questions.clear()
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()
        if self.channel is not None:
            self.channel.close()


def how_it_ended(attempt: HeldAttempt, exited: Exited | None) -> AttemptEnded:
    """The end of an attempt that has not told its own. `exited` is None if its zygote died."""
    exit_code = os.waitstatus_to_exitcode(exited.status) if exited else -signal.SIGKILL
    # A signal before its first word cannot be the fault of user code: none has run.
    has_begun = attempt.pid is not None or exit_code >= 0
    parts = (attempt.end_reason, describe_exit(exit_code) if exited else "its zygote died")
    return end_of(
        attempt.token,
        Result.LOST if has_begun else Result.NOT_STARTED,
        "; ".join(part for part in parts if part),
        exited,
    )


def end_of(token: str, result: Result, reason: str, exited: Exited | None = None) -> AttemptEnded:
    """An end that the supervisor tells in the task's place."""
    outcome = Outcome(
        result=result,
        end_date=datetime.now(UTC),
        reason=reason,
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

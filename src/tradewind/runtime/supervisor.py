"""Starts task processes, carries what they say, and outlives the scheduler.

One partner at a time, the executor of the
leading scheduler, says what to start and to kill, and acknowledges each end once it is in the
database. The supervisor runs no user code and decides nothing: what an end means is for the
scheduler to say.
"""

import socket
from typing import Any

from tradewind.config.settings import Settings
from tradewind.model.attempts import Result
from tradewind.model.events import AttemptEnded
from tradewind.runtime.attempts import HeldAttempt, Stillborn, end_of, how_it_ended, why_too_late
from tradewind.runtime.briefing import Briefing
from tradewind.runtime.journal import Journal
from tradewind.runtime.ledger import Ledger
from tradewind.runtime.leftovers import kill_leftovers
from tradewind.runtime.partner import Partner
from tradewind.runtime.pools import Pools
from tradewind.runtime.protocol import Exited, encode, peek
from tradewind.runtime.reactor import Reactor, Timer
from tradewind.runtime.warm import Reports

LINGER_S = 5.0
"""How long it waits, without a task and without a partner, for a scheduler to come back."""
TIMEOUT_GRACE_S = 5.0
"""How long past its execution_timeout a task may take to notice."""


class Supervisor:
    """Stands between one partner and many task processes."""

    def __init__(self, settings: Settings, reactor: Reactor, listener: socket.socket) -> None:
        self.is_done = False
        self._settings = settings
        self._briefing = Briefing(settings)
        self._reactor = reactor
        self._partner = Partner(reactor, listener, self._on_order, self._consider_leaving)
        journal = Journal(settings.run_folder / "attempts")
        self._ledger = Ledger(reactor, journal, self._partner)
        reports = Reports(
            said=self._on_report,
            hung_up=self._on_hung_up,
            exited=self._on_exited,
            refused=self._refuse,
            asked=self._partner.say,
        )
        self.pool = Pools(reactor, settings, reports)
        self._stillborn = Stillborn()
        self._linger: Timer | None = None
        self._is_stopping = False

    def recover(self) -> None:
        """Take over what a supervisor before this one left."""
        self._ledger.recover(self._briefing.hostname, self._settings.run_folder)
        self._consider_leaving()

    # --- what the partner says ----------------------------------------------------------------

    def _on_order(self, line: bytes) -> None:
        name, data = peek(line)
        attempt = self._ledger.get(data.get("token", ""))
        match name:
            case "Hello":
                self._greet(set(data["tokens"]))
            case "Start":
                self._start(data["attempt"])
            case "Kill" if attempt:
                self._kill(attempt, data["reason"])
            case "EndAcknowledged" if attempt:
                self._ledger.settle(attempt, line)
            case "Answer" if attempt:
                attempt.answer(data["request_id"], line)
            case "AnswersChanged":
                self.pool.answers_changed()
            case "Answer":
                self.pool.answer(data["token"], line)
            case "Stop":
                self.stop(kill_tasks=data["kill_tasks"])

    def _greet(self, tokens: set[str]) -> None:
        self._is_stopping = False  # somebody goes on where the last one stopped
        for unasked in self._ledger.greet(tokens):
            self._kill(unasked, "the scheduler no longer asks for it")
            self._ledger.settle(unasked)
        self._consider_leaving()

    def _start(self, order: dict[str, Any]) -> None:
        token = order["token"]
        if token in self._ledger:
            return  # an order that came twice
        if self._is_stopping:
            return  # not refused, or it would come back at once: the next of us does not know it
        if refusal := self._partner.why_stale(order["epoch"]) or why_too_late(order):
            self._partner.say(encode(end_of(token, Result.NOT_STARTED, refusal)))
            return
        attempt, before = self._ledger.hold(token, tuple(order["key"]))
        if before is None:
            self._begin(attempt, order)
        else:
            attempt.begin = lambda: self._begin(attempt, order)

    def _begin(self, attempt: HeldAttempt, order: dict[str, Any]) -> None:
        if attempt.end_reason is not None:  # we were told to while it waited
            self._over(attempt, end_of(attempt.token, Result.NOT_STARTED, attempt.end_reason))
            return
        try:
            journal = self._ledger.journal_of(attempt)
        except OSError as error:  # a full disk
            self._refuse(attempt, str(error))
            return
        self.pool.start(attempt, order, self._briefing.begin(order, journal))

    def _refuse(self, attempt: HeldAttempt, reason: str) -> None:
        reason = f"no process could be begun: {reason}"
        self._over(attempt, end_of(attempt.token, Result.FAILED, reason))

    def _kill(self, attempt: HeldAttempt, reason: str) -> None:
        if self.pool.withdraw(attempt.token):
            self._over(attempt, end_of(attempt.token, Result.NOT_STARTED, reason))
        else:
            grace_s = float(self._settings.core.killed_task_cleanup_time)
            attempt.end(reason, self._reactor, grace_s)

    # --- what tasks say, and how they end -----------------------------------------------------

    def _on_report(self, attempt: HeldAttempt, line: bytes) -> None:
        try:
            name, data = peek(line)
        except ValueError:  # user code wrote to a descriptor that is not its own
            self._kill(attempt, "its process sent something that is no message")
            return
        match name:
            case "Question":
                attempt.questions[data["request_id"]] = line
                self._partner.say(line)
            case "TimeLimit":  # should its own alarm not be heard
                reason = f"execution_timeout of {data['seconds']:g} s"
                limit_s = data["seconds"] + TIMEOUT_GRACE_S
                attempt.call_after(limit_s, self._reactor, lambda: self._time_out(attempt, reason))
            case _:
                self._ledger.report(attempt, name, line)
        if name == "AttemptStarted":
            attempt.pid = data["pid"]
            self._stillborn.lives(attempt)
            if attempt.end_reason is not None:  # we were told to before it had a pid
                self._kill(attempt, attempt.end_reason)

    def _time_out(self, attempt: HeldAttempt, reason: str) -> None:
        if not attempt.is_ended:  # its callbacks have all the time they want
            self._kill(attempt, reason)

    def _on_exited(self, token: str, exited: Exited | None) -> None:
        """A task process is gone; or (None) its zygote is, and so it will be."""
        attempt = self._ledger.get(token)
        if attempt is None:
            return
        attempt.hear()
        if exited is None and attempt.is_silent:  # it may be about to start: its socket will tell
            attempt.has_lost_zygote = True
            return
        is_forced = attempt.end_reason is not None or not attempt.is_ended
        if is_forced and attempt.pid is not None:
            kill_leftovers([self._briefing.mark(token)], [attempt.pid])
        attempt.hear()
        end = None if attempt.is_ended else how_it_ended(attempt, exited, self._stillborn)
        self._over(attempt, end)

    def _on_hung_up(self, attempt: HeldAttempt) -> None:
        """No process has its socket any more."""
        if attempt.has_lost_zygote and not attempt.is_gone:
            self._on_exited(attempt.token, None)

    def _over(self, attempt: HeldAttempt, end: AttemptEnded | None) -> None:
        """Its process is gone, or will never be: tell, and let the next of its task begin."""
        attempt.gone()
        if end is not None:
            self._ledger.end(attempt, end)
        self._ledger.forget_if_over(attempt)
        if attempt.follower is not None and attempt.follower.begin is not None:
            attempt.follower.begin()
        self._consider_leaving()

    # --- its own end --------------------------------------------------------------------------

    def stop(self, *, kill_tasks: bool) -> None:
        """Take nothing new; be done when the last task has ended."""
        self._is_stopping = True
        for attempt in self._ledger:
            if kill_tasks and not attempt.is_gone:
                self._kill(attempt, "the supervisor was stopped")
        self._consider_leaving()

    def close(self) -> None:
        """Leave unsettled ends in the journal, and no process."""
        self.pool.close()
        self._ledger.close()

    def _consider_leaving(self) -> None:
        has_tasks = self._ledger.has_tasks
        self.is_done |= self._is_stopping and not has_tasks
        if self._linger is not None:
            self._linger.cancel()
            self._linger = None
        if not has_tasks and not self._partner.is_there:
            self._linger = self._reactor.after(LINGER_S, lambda: self.stop(kill_tasks=False))

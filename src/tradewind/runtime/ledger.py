"""Every attempt a supervisor holds, and every report of one, until its end is in the database.

A report goes to the partner at once, and again to each new partner until the end is acknowledged.
The journal gets the end, with all that the database may not have of what was said before; it is
synced a little later, if the database was not faster.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tradewind.model.attempts import Result
from tradewind.model.events import AttemptEnded, AttemptStarted
from tradewind.runtime.attempts import HeldAttempt, end_of
from tradewind.runtime.journal import SYNC_WITHIN_S, Journal, start_time_of
from tradewind.runtime.leftovers import kill_leftovers, mark_of
from tradewind.runtime.partner import Partner
from tradewind.runtime.protocol import Welcome, encode
from tradewind.runtime.reactor import Reactor, Timer


class Ledger:
    """The attempts by token; what is said of them goes to the partner, if one is there."""

    def __init__(self, reactor: Reactor, journal: Journal, partner: Partner) -> None:
        self._reactor = reactor
        self._journal = journal
        self._say = partner.say
        self._say_soon = partner.say_soon
        self._held: dict[str, HeldAttempt] = {}
        self._latest: dict[tuple[Any, ...], HeldAttempt] = {}
        """The latest attempt of a task, by its key."""
        self._sync_timer: Timer | None = None

    def __iter__(self) -> Iterator[HeldAttempt]:
        return iter(tuple(self._held.values()))

    def __contains__(self, token: str) -> bool:
        return token in self._held

    def get(self, token: str) -> HeldAttempt | None:
        return self._held.get(token)

    @property
    def has_tasks(self) -> bool:
        """Whether the process of any attempt is alive."""
        return any(not attempt.is_gone for attempt in self._held.values())

    def recover(self, hostname: str, run_folder: Path) -> None:
        """Take over the attempts of a supervisor that died, and its tasks with it."""
        found = self._journal.recover()
        torn = [left for left in found if not left.ended]
        kill_leftovers(
            [mark_of(run_folder, left.token) for left in torn],
            # against a pid that is in use again
            [left.pid for left in torn if start_time_of(left.pid) in (None, left.pid_start_time)],
        )
        for left in found:
            attempt = HeldAttempt(left.token, pid=left.pid, is_gone=True, is_ended=left.ended)
            self._held[left.token] = attempt
            started = AttemptStarted(left.token, left.pid, hostname, left.started_at)
            attempt.unsettled = [encode(started), *left.said]
            if not left.ended:
                self.end(attempt, end_of(left.token, Result.LOST, "its supervisor died"))

    def hold(self, token: str, key: tuple[Any, ...]) -> tuple[HeldAttempt, HeldAttempt | None]:
        """Hold a new attempt; also the one of the same task that must be gone before it begins."""
        attempt = self._held[token] = HeldAttempt(token, key)
        before = self._latest.get(key)
        self._latest[key] = attempt
        if before is None or not before.is_in_the_way:
            return attempt, None
        before.follower = attempt
        return attempt, before

    def journal_of(self, attempt: HeldAttempt) -> str:
        """The journal file for its first line. Raises OSError."""
        return self._journal.begin(attempt.token)

    def greet(self, tokens: set[str]) -> list[HeldAttempt]:
        """Say again whatever a new partner may have missed; the answer is what it has no use for.

        A process that waits to run its callbacks is worth telling about even so.
        """
        self._say(encode(Welcome(os.getpid(), tuple(tokens & self._held.keys()))))
        unasked = []
        for attempt in self:
            if attempt.token in tokens or attempt.awaits_acknowledgement:
                for line in (*attempt.unsettled, *attempt.questions.values()):
                    self._say(line)
            else:
                unasked.append(attempt)
        return unasked

    def report(self, attempt: HeldAttempt, name: str, line: bytes) -> None:
        """Something an attempt says, or its end. Nothing counts after the end."""
        if attempt.is_ended or attempt.is_settled:
            return
        attempt.unsettled.append(line)
        if name == "AttemptEnded":
            attempt.is_ended = True
            self._say(line)
            first = 0 if attempt.pid is None else 1  # its process wrote the start itself
            self._journal.ended(attempt.token, attempt.unsettled[first:])
            if self._sync_timer is None:
                self._sync_timer = self._reactor.after(SYNC_WITHIN_S, self._sync)
            return
        self._say_soon(line)
        if question := attempt.ask_what_is_stored():
            self._say(question)

    def end(self, attempt: HeldAttempt, end: AttemptEnded) -> None:
        """An end that its process could not tell."""
        self.report(attempt, "AttemptEnded", encode(end))

    def settle(self, attempt: HeldAttempt, acknowledgement: bytes | None = None) -> None:
        """The database has its end, or wants none: let go of the reports."""
        if acknowledgement is not None and attempt.channel is not None:
            attempt.channel.send(acknowledgement)  # it may wait for this to run its callbacks
        attempt.is_settled = True
        attempt.unsettled.clear()
        if attempt.is_ended:  # else the next supervisor has to end what it leaves behind
            self._journal.settle(attempt.token)
        self.forget_if_over(attempt)

    def forget_if_over(self, attempt: HeldAttempt) -> None:
        """Hold it no longer when neither its process nor the database has a use for it."""
        if attempt.is_settled and attempt.is_gone:
            self._journal.settle(attempt.token)
            self._held.pop(attempt.token, None)
            if self._latest.get(attempt.key) is attempt:
                del self._latest[attempt.key]

    def close(self) -> None:
        """Leave what is not settled in the journal."""
        self._journal.close()

    def _sync(self) -> None:
        self._sync_timer = None
        self._journal.sync()

"""Giving the scheduler a command and waiting for its answer.

A command is taken and answered in one commit, so it is applied at most once: either its outcome
is there, or it can still be withdrawn.
"""

from dataclasses import dataclass
from time import monotonic
from typing import Any

from tradewind.model.clock import Clock
from tradewind.model.commands import Command
from tradewind.model.errors import EnvironmentFailure, Refused
from tradewind.server.heard import ChangesHeard
from tradewind.server.liveness import Liveness
from tradewind.storage import bells, inbox
from tradewind.storage.database import Database

_POLL_S = 0.5
"""How long a bell may be missed."""


class NoScheduler(EnvironmentFailure):
    """Nobody would carry a command out: start `tradewind scheduler`."""


class NotTaken(EnvironmentFailure):
    """The scheduler did not take the command in time; it was withdrawn."""


class CommandRefused(Refused):
    """The scheduler's answer: no, and why."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """The way into the scheduler's inbox."""

    database: Database
    clock: Clock
    changes: ChangesHeard
    liveness: Liveness
    timeout_s: float

    def give(self, command: Command) -> dict[str, Any]:
        """Have `command` carried out: the result, readable by everybody when this returns.

        Raises NoScheduler, NotTaken or CommandRefused.
        """
        heard = self.changes.count
        with self.database.write() as conn:
            problem = self.liveness.scheduler_problem(conn)
            if problem is not None:
                raise NoScheduler(f"{problem}; the request was not carried out")
            command_id = inbox.put(conn, command, self.clock.now())
        bells.ring(self.database, "scheduler")
        deadline = monotonic() + self.timeout_s
        while (left := deadline - monotonic()) > 0 and not self.changes.is_over:
            heard = self.changes.wait_beyond(heard, min(left, _POLL_S))
            result = self._answer(command_id)
            if result is not None:
                return result
        return self._withdraw(command_id)

    def _withdraw(self, command_id: str) -> dict[str, Any]:
        try:
            with self.database.write() as conn:
                withdrawn = inbox.withdraw(conn, command_id)
        except EnvironmentFailure as error:
            raise NotTaken(
                f"{error}; the request could not be withdrawn: it may be carried out later"
            ) from error
        if not withdrawn:
            return self._see_it_through(command_id)
        why = f"the scheduler did not answer within {self.timeout_s:g} s"
        if self.changes.is_over:
            why = "this server is stopping"
        raise NotTaken(f"{why}; the request was withdrawn, try again later")

    def _see_it_through(self, command_id: str) -> dict[str, Any]:
        """Wait for the answer to a command that the scheduler has taken: it will come."""
        heard = self.changes.count
        while (result := self._answer(command_id)) is None:
            if self.changes.is_over:
                raise NotTaken("this server is stopping; the scheduler carries the request out")
            heard = self.changes.wait_beyond(heard, _POLL_S)
        return result

    def _answer(self, command_id: str) -> dict[str, Any] | None:
        with self.database.read() as conn:
            outcome = inbox.outcome(conn, command_id)
        if outcome is None:
            return None
        if not outcome.applied:
            raise CommandRefused(outcome.reason, outcome.status)
        return dict(outcome.result)

"""The store's upkeep, a little at a time while nothing happens: old logs are folded, what is kept
longer than asked for is removed, answers nobody will read are forgotten, SQLite is checkpointed.
"""

from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

import sqlalchemy as sa

from tradewind.model.clock import Clock
from tradewind.storage import components, folding, inbox, leader, old_runs, retention
from tradewind.storage.database import Database
from tradewind.storage.old_runs import Place
from tradewind.storage.retention import Retention

EVERY = timedelta(seconds=30)
AGAIN = timedelta(milliseconds=500)
"""After a step that left more to do."""
STEP_S = 0.02
"""How long one transaction goes on."""
OUTCOMES_KEPT = timedelta(hours=1)
"""Whoever gave a command has read its answer long before."""
COMPONENTS_KEPT = timedelta(days=1)
"""Until then the health page shows a process that died."""
_RUNS_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How long what is kept of a finished run stays as it is; None for ever."""

    events: timedelta | None = timedelta(days=7)
    """As a row each; then folded."""
    details: timedelta | None = timedelta(days=90)
    """`retention.DETAILS`; then removed."""


class Upkeep:
    """Does one step of it whenever it is due."""

    def __init__(self, database: Database, epoch: int, clock: Clock, kept: Kept) -> None:
        self._database = database
        self._epoch = epoch
        self._clock = clock
        self._kept = kept
        self._folded: Place | None = None
        self._removed: Place | None = None
        self._forgotten = 0
        self.due_at = clock.now()

    def tidy(self) -> None:
        """Do the next step, if it is due. Raises what a failing database raises."""
        now = self._clock.now()
        if now < self.due_at <= now + EVERY:  # later still: the clock was put back
            return
        self.due_at = now + EVERY
        with self._database.write() as connection:
            leader.hold(connection, self._epoch)
            inbox.forget_outcomes(connection, now - OUTCOMES_KEPT)
            components.remove_silent(connection, now - COMPONENTS_KEPT)
            more = self._remove(connection) or self._fold(connection) or self._forget(connection)
        if more:
            self.due_at = now + AGAIN
        else:
            self._database.checkpoint()

    def _remove(self, connection: sa.Connection) -> bool:
        """Remove the details of runs that are old enough; whether there is more to do."""
        if self._kept.details is None:
            return False
        before = self._clock.now() - self._kept.details
        old = Retention(before, retention.DETAILS, after=self._removed)
        more = old.step(connection) is not None
        self._removed = old.place
        return more

    def _fold(self, connection: sa.Connection) -> bool:
        """Fold the events of runs that are old enough; whether there is more to do."""
        if self._kept.events is None:
            return False
        until = perf_counter() + STEP_S
        before = self._clock.now() - self._kept.events
        found = old_runs.ended(connection, before, after=self._folded, limit=_RUNS_AT_ONCE)
        for place in found:
            done = folding.fold(connection, place.key, is_late=lambda: perf_counter() > until)
            if done:
                self._folded = place
            if perf_counter() > until:
                break
        return bool(found)

    def _forget(self, connection: sa.Connection) -> bool:
        """Forget old events that concern no run; whether there is more to do."""
        if self._kept.details is None:
            return False
        before = self._clock.now() - self._kept.details
        done = retention.forget_events_of_dags(connection, before, after=self._forgotten)
        self._forgotten = done or self._forgotten
        return done is not None

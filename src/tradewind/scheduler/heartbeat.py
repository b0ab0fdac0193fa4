"""The scheduler's own row on the health page."""

import logging
from datetime import timedelta

from tradewind.model.clock import Clock
from tradewind.scheduler.trouble import TROUBLE
from tradewind.storage import components
from tradewind.storage.components import Component
from tradewind.storage.database import Database

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=5)


class Heartbeat:
    """Says every few seconds that this scheduler lives, and what troubles it."""

    def __init__(self, database: Database, me: Component, clock: Clock) -> None:
        self._database = database
        self._me = me
        self._clock = clock
        self.due_at = clock.now()
        self._problem: str | None = None

    def beat(self, problem: str | None) -> None:
        """Write the row if it is time or news. Raises what a failing database raises."""
        if problem != self._problem or self._clock.now() >= self.due_at:
            self._write(problem)

    def report(self, problem: str | None) -> None:
        """As `beat`, if the database takes at least that: a failure here is no further one."""
        try:
            self.beat(problem)
        except TROUBLE as error:
            log.debug("the problem cannot be stored either: %s", error)

    def stop(self) -> None:
        """Take the row away: this scheduler ends on purpose."""
        with self._database.write() as connection:
            components.remove(connection, self._me.id)

    def _write(self, problem: str | None) -> None:
        now = self._clock.now()
        self.due_at = now + EVERY
        with self._database.write() as connection:
            components.beat(connection, self._me, now, problem)
        self._problem = problem

"""The scheduler's own row on the health page, and its lease of leadership."""

import logging
from datetime import timedelta

from tradewind.model.clock import Clock
from tradewind.scheduler.trouble import TROUBLE, lead_or_leave
from tradewind.storage import components, leader
from tradewind.storage.components import Component
from tradewind.storage.database import Database

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=5)


class Heartbeat:
    """Says every few seconds that this scheduler lives, leads, and what troubles it."""

    def __init__(self, database: Database, me: Component, epoch: int, clock: Clock) -> None:
        self._epoch = epoch
        self._database = database
        self._me = me
        self._clock = clock
        self.due_at = clock.now()
        self._problem: str | None = None

    def beat(self, problem: str | None) -> None:
        """Write the row if it is time or news. Raises what a failing database raises, and
        LeadershipLost.
        """
        now = self._clock.now()
        is_early = now < self.due_at <= now + EVERY  # later still: the clock was put back
        if problem != self._problem or not is_early:
            self._write(problem)

    def report(self, problem: str | None) -> None:
        """As `beat`, if the database takes at least that: a failure here is no further one."""
        try:
            self.beat(problem)
        except TROUBLE as error:
            log.debug("the problem cannot be stored either: %s", error)

    def _write(self, problem: str | None) -> None:
        now = self._clock.now()
        self.due_at = now + EVERY
        with self._database.write() as connection:
            lead_or_leave(connection, self._epoch)
            if self._database.dialect == "postgresql":
                leader.renew(connection, self._epoch, now, lease_s=leader.LEASE_S)
            components.beat(connection, self._me, now, problem)
        self._problem = problem

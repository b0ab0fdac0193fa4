"""The processor's own row on the health page."""

import os
import socket

from tradewind.model.clock import Clock
from tradewind.storage import components
from tradewind.storage.components import Component
from tradewind.storage.database import Database

EVERY_S = 5.0


class Heartbeat:
    """Says every few seconds that this processor lives, and what troubles it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        hostname = socket.gethostname()
        self.me = Component(
            id=f"dag-processor-{hostname}-{os.getpid()}",
            kind="dag_processor",
            hostname=hostname,
            pid=os.getpid(),
            started_at=clock.now(),
        )

    def beat(self, problem: str | None = None) -> None:
        """Write the row. Raises what a failing database raises."""
        now = self._clock.now()
        with self._database.write() as connection:
            components.beat(connection, self.me, now, problem)

    def stop(self) -> None:
        """Take the row away: this processor ends on purpose."""
        with self._database.write() as connection:
            components.remove(connection, self.me.id)

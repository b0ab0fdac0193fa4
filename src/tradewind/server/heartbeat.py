"""This process's own row among the components, written every few seconds."""

import logging
from threading import Event, Thread

import sqlalchemy as sa

from tradewind.model.clock import Clock
from tradewind.model.errors import TradewindError
from tradewind.server.liveness import OwnWrites
from tradewind.storage import components
from tradewind.storage.components import Component
from tradewind.storage.database import Database

log = logging.getLogger(__name__)

EVERY_S = 5.0


class Heartbeat:
    """Beats in a thread of its own between `start` and `stop`."""

    def __init__(
        self, database: Database, component: Component, clock: Clock, writes: OwnWrites
    ) -> None:
        self._writes = writes
        self._database = database
        self._component = component
        self._clock = clock
        self._stop = Event()
        self._thread = Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin; the first beat is at once."""
        self._thread.start()

    def stop(self) -> None:
        """End and take the row away."""
        self._stop.set()
        self._thread.join()
        try:
            with self._database.write() as conn:
                components.remove(conn, self._component.id)
        except TradewindError as error:
            log.warning("could not sign off: %s", error)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with self._database.write() as conn:
                    components.beat(conn, self._component, self._clock.now())
                self._writes.problem = None
            except (TradewindError, sa.exc.SQLAlchemyError) as error:
                log.warning("no heartbeat: %s", error)
                self._writes.problem = f"nothing can be written: {error}"
            self._stop.wait(EVERY_S)

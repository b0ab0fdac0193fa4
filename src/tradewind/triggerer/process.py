"""The triggerer process: start, wiring, signals, end."""

import contextlib
import gc
import logging
import os
import signal
import socket
import sys
from contextlib import ExitStack, closing

from setproctitle import setproctitle

from tradewind.config.settings import Settings
from tradewind.model.clock import SystemClock
from tradewind.model.errors import TradewindError
from tradewind.runtime.reactor import Reactor
from tradewind.runtime.signals import watch_signals
from tradewind.storage import schema
from tradewind.storage.components import Component
from tradewind.storage.database import Database
from tradewind.triggerer.triggerer import TROUBLE, Triggerer

log = logging.getLogger(__name__)


def main(settings: Settings, *, capacity: int | None = None, queues: tuple[str, ...] = ()) -> int:
    """Run triggers until SIGTERM or SIGINT; the exit code: 0, or 1 with one line on stderr."""
    setproctitle("tradewind: triggerer")
    logging.basicConfig(
        level=settings.logging.logging_level,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    try:
        with ExitStack() as at_end:
            database = at_end.enter_context(closing(Database(settings.database.url)))
            schema.check(database)
            _serve(settings, database, capacity or settings.triggerer.capacity, queues)
    except TradewindError as error:
        sys.stderr.write(f"tradewind triggerer: {error}\n")
        return 1
    return 0


def _serve(settings: Settings, database: Database, capacity: int, queues: tuple[str, ...]) -> None:
    reactor = Reactor()
    stopping = False

    def stop() -> None:
        nonlocal stopping
        stopping = True

    watch_signals(reactor, {signal.SIGTERM: stop, signal.SIGINT: stop})
    clock = SystemClock()
    hostname = settings.core.hostname or socket.gethostname()
    me = Component(
        id=f"triggerer {hostname} {os.getpid()}",
        kind="triggerer",
        hostname=hostname,
        pid=os.getpid(),
        started_at=clock.now(),
        queues=queues,
    )
    triggerer = Triggerer(settings, database, me, clock, reactor, capacity)
    triggerer.start()
    gc.freeze()
    while not stopping:
        reactor.turn()
    with contextlib.suppress(*TROUBLE):
        triggerer.close()

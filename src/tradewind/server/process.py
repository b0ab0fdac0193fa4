"""The API server process: start, wiring, signals, end."""

import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import uvicorn
from setproctitle import setproctitle

from tradewind.config.settings import Settings
from tradewind.model.clock import SystemClock
from tradewind.model.errors import TradewindError
from tradewind.server import memory
from tradewind.server.app import create_app
from tradewind.server.heartbeat import Heartbeat
from tradewind.server.listening import listen
from tradewind.server.liveness import API_SERVER
from tradewind.server.services import Services
from tradewind.storage import schema
from tradewind.storage.components import Component
from tradewind.storage.database import Database

log = logging.getLogger(__name__)

_STOP_WITHIN_S = 1
"""After this, requests that are still being answered are broken off."""


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn's own would kill the process with the signal at the end."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def main(settings: Settings, *, listener: socket.socket | None = None) -> int:
    """Answer until SIGTERM or SIGINT; the exit code: 0, or 1 with one line on stderr.

    `listener` is a socket that listens already; without one, host and port of the settings hold.
    """
    setproctitle("tradewind: api-server")
    memory.share_one_arena()
    logging.basicConfig(
        level=settings.logging.logging_level,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    try:
        with ExitStack() as at_end:
            _serve(settings, listener, at_end)
    except TradewindError as error:
        sys.stderr.write(f"tradewind api-server: {error}\n")
        return 1
    return 0


def _serve(settings: Settings, listener: socket.socket | None, at_end: ExitStack) -> None:
    clock = SystemClock()
    database = Database(settings.database.url)
    at_end.callback(database.close)
    schema.check(database)
    listener = listener or at_end.enter_context(listen(settings.api.host, settings.api.port))
    settings.run_folder.mkdir(parents=True, exist_ok=True)
    me = f"api-server-{socket.gethostname()}-{os.getpid()}"
    app = create_app(settings, database, clock=clock, owner=me)
    services: Services = app.state.services
    server = _Server(
        uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="on",
            log_config=None,
            log_level=logging.WARNING,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_STOP_WITHIN_S,
        )
    )

    def stop(*_: object) -> None:
        server.should_exit = True
        services.commands.changes.give_up()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    component = Component(
        id=me,
        kind=API_SERVER,
        hostname=socket.gethostname(),
        pid=os.getpid(),
        started_at=clock.now(),
    )
    heartbeat = Heartbeat(database, component, clock, services.writes)
    heartbeat.start()
    at_end.callback(heartbeat.stop)
    gc.collect()
    gc.freeze()
    memory.give_back()
    host, port = listener.getsockname()[:2]
    log.info("listening on http://%s:%d", f"[{host}]" if ":" in host else host, port)
    server.run(sockets=[listener])

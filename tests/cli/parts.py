"""Stand-ins for components, to try `standalone` itself: `python -m tests.cli.parts CASE HOME`."""

import http.server
import os
import signal
import socket
import sys
import time
from pathlib import Path

from tradewind.cli.component import Component
from tradewind.cli.standalone import Standalone, url_of
from tradewind.config.settings import Logging, Settings
from tradewind.model.errors import Refused
from tradewind.server.listening import listen

HEALTHY = b'{"metadatabase": {"status": "healthy"}, "scheduler": {"status": "healthy"}, ' + (
    b'"dag_processor": {"status": "healthy"}, "triggerer": {"status": "healthy"}}'
)


def prepare(settings: Settings) -> str:
    """Has nothing to prepare."""
    return "prepared"


def refuse(settings: Settings) -> None:
    """Cannot prepare."""
    raise Refused("not here")


def dawdle(settings: Settings) -> None:
    """Never has prepared."""
    print("DAWDLING", flush=True)
    signal.pause()


def break_down(settings: Settings) -> None:
    """Is killed while it prepares."""
    os.kill(os.getpid(), signal.SIGKILL)


READY = "is-ready"
PREPARING = ("refuse", "dawdle", "break_down")


def quiet(settings: Settings) -> int:
    """Says something, then waits for SIGTERM."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    print("first line\nsecond line", flush=True)
    signal.sigwait({signal.SIGTERM})
    print("good", end=" ")
    print("bye", end="", flush=True)
    return 0


def deaf(settings: Settings) -> int:
    """Does not react to SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("deaf", flush=True)
    while True:
        signal.pause()


stubborn = deaf


def fails(settings: Settings) -> int:
    """Ends at once."""
    print("cannot work", flush=True)
    return 1


def killed_once(settings: Settings) -> int:
    """Is killed the first time, when everything is ready; steady the second time."""
    marker = settings.home / "was-killed"
    if not marker.exists():
        marker.touch()
        while not (settings.home / READY).exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL)
    return quiet(settings)


class _Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(HEALTHY)))
        self.end_headers()
        self.wfile.write(HEALTHY)

    def log_message(self, *_: object) -> None: ...


def api(settings: Settings, *, listener: socket.socket) -> int:
    """Says that everything is healthy."""
    server = http.server.HTTPServer(("", 0), _Health, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.serve_forever()
    return 0


def never_well(settings: Settings, *, listener: socket.socket) -> int:
    """Says nothing."""
    return quiet(settings)


def main(case: str, home: Path) -> int:
    """Run `standalone` over one stand-in and the API."""
    settings = Settings(home=home, logging=Logging(base_log_folder=home / "logs"))
    listener = listen("127.0.0.1", 0)
    _, address = url_of(listener, "127.0.0.1")
    preparing = case if case in PREPARING else "prepare"
    case = "quiet" if case in PREPARING else case
    part = Component("part", f"tests.cli.parts:{case}", settings)
    if case == "stubborn":
        part.stop_within_s = 0.2
    elif case == "deaf":
        part.stop_within_s = 3600.0  # so that it is not that which ends it
    target = "never_well" if case == "fails" else "api"
    server = Component("api-server", f"tests.cli.parts:{target}", settings, {"listener": listener})
    server.stop_within_s = part.stop_within_s

    def announce(prepared: str) -> None:
        print(f"READY {prepared}", flush=True)
        (home / READY).touch()

    return Standalone([part, server], address).run(
        f"tests.cli.parts:{preparing}", settings, announce
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))

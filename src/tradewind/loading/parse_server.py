"""The fork server that reads DAG files: `python -m tradewind.loading.parse_server FD`.

Single-threaded and without a database, it imports once what every DAG file needs and forks a
child for each file. It watches over the children's time and ends; what they find and print goes
to the Parser directly, through a socket and a pipe that come with the order.
"""

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import sys
import time
from collections import deque
from dataclasses import dataclass

from setproctitle import setproctitle

from tradewind.config.children import from_json
from tradewind.config.settings import Settings
from tradewind.loading import child_process

PATIENCE_S = 1.0
"""A child that takes longer no longer holds a slot, so slow files do not hold up the others."""
MOST_AT_ONCE = 4
"""Children per slot, slow ones included."""
LAST_WORDS_S = 2.0
"""Time a child has to write where it was before it is killed."""


@dataclass(slots=True)
class Order:
    """A file to read; the child answers over `connection` and prints to `output`."""

    serial: int
    path: str
    connection: socket.socket
    output: int

    def close(self) -> None:
        self.connection.close()
        os.close(self.output)


@dataclass(slots=True)
class Child:
    """A child at work."""

    serial: int
    pid: int
    started: float
    timed_out: bool = False
    kill_at: float | None = None


class ParseServer:
    """Takes orders from `control` and reports the ends of children to it."""

    def __init__(self, control: socket.socket, settings: Settings) -> None:
        self._control = control
        self._settings = settings
        self._slots = settings.dag_processor.parsing_processes
        self._limit_s = settings.core.dagbag_import_timeout
        self._waiting: deque[Order] = deque()
        self._children: dict[int, Child] = {}
        self._wake, self._wake_write = socket.socketpair()
        for end in (self._wake, self._wake_write):
            end.setblocking(False)
        signal.set_wakeup_fd(self._wake_write.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)

    def serve(self) -> None:
        """Until the other end of `control` is closed; then no child is left."""
        try:
            while self._turn():
                pass
        finally:
            signal.set_wakeup_fd(-1)  # its socket goes before the children's last SIGCHLD comes
            for child in self._children.values():
                os.kill(child.pid, signal.SIGKILL)
                _kill_group(child.pid)

    def _turn(self) -> bool:
        for key, _ in self._selector.select(self._wait_s()):
            if key.fileobj is self._wake:
                with contextlib.suppress(BlockingIOError):
                    self._wake.recv(4096)
            elif not self._take_order():
                return False
        self._reap()
        self._watch_time()
        while self._waiting and self._is_slot_free():
            self._start(self._waiting.popleft())
        return True

    def _take_order(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self._control, 65_536, 2)
        if not data:
            return False
        message = json.loads(data)
        if "cancel" in message:
            self._cancel(message["cancel"])
        else:
            connection, output = descriptors
            self._waiting.append(
                Order(message["serial"], message["path"], socket.socket(fileno=connection), output)
            )
        return True

    def _cancel(self, serial: int) -> None:
        for order in [order for order in self._waiting if order.serial == serial]:
            self._waiting.remove(order)
            order.close()
        for child in self._children.values():
            if child.serial == serial:
                os.kill(child.pid, signal.SIGKILL)  # its group follows when it is reaped

    def _is_slot_free(self) -> bool:
        recent = time.monotonic() - PATIENCE_S
        quick = sum(child.started > recent for child in self._children.values())
        return quick < self._slots and len(self._children) < MOST_AT_ONCE * self._slots

    def _start(self, order: Order) -> None:
        pid = os.fork()
        if pid == 0:
            self._become_child(order)
        order.close()
        self._children[pid] = Child(order.serial, pid, time.monotonic())

    def _become_child(self, order: Order) -> None:
        """In the forked process: keep nothing of the server's, read the file, never return."""
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._selector.close()
            for end in (self._wake, self._wake_write, self._control):
                end.close()
            for other in self._waiting:
                other.close()
            child_process.run(order.path, self._settings, order.connection, order.output)
        finally:
            os._exit(child_process.BROKEN)

    def _reap(self) -> None:
        for child in list(self._children.values()):
            if os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            _kill_group(child.pid)  # what the file started and left behind
            _, status = os.waitpid(child.pid, 0)
            del self._children[child.pid]
            self._report(child, os.waitstatus_to_exitcode(status))

    def _report(self, child: Child, exit_code: int) -> None:
        report = {"serial": child.serial, "exit_code": exit_code, "timed_out": child.timed_out}
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._control.send(json.dumps(report).encode())

    def _watch_time(self) -> None:
        now = time.monotonic()
        for child in self._children.values():
            if child.kill_at is not None and now >= child.kill_at:
                _kill_group(child.pid)
            elif not child.timed_out and now >= child.started + self._limit_s:
                child.timed_out = True
                child.kill_at = now + LAST_WORDS_S
                os.kill(child.pid, signal.SIGABRT)  # faulthandler writes where it was

    def _wait_s(self) -> float | None:
        """Until the next child's time is up, or a slow one gives up its slot."""
        moments = [
            child.started + self._limit_s if child.kill_at is None else child.kill_at
            for child in self._children.values()
        ]
        if self._waiting:
            moments += [child.started + PATIENCE_S for child in self._children.values()]
        now = time.monotonic()
        coming = [moment for moment in moments if moment > now - LAST_WORDS_S]
        return max(0.01, min(coming) - now) if coming else None


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def main() -> None:
    """Serve on the socket whose number is the only argument."""
    setproctitle("tradewind: parse server")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=int(sys.argv[1]))
    child_process.die_with_parent()
    settings = from_json(control.recv(1 << 20).decode())
    child_process.preload(settings)
    gc.collect()
    gc.freeze()
    ParseServer(control, settings).serve()


if __name__ == "__main__":
    main()

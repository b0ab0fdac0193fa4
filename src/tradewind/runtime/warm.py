"""One zygote as its supervisor sees it. It always has one child in hand, forked ahead and waiting
on its socket, so that an attempt need not wait for the fork.
"""

import contextlib
import itertools
import os
import signal
import socket
from collections.abc import Callable, Sequence

from tradewind.runtime.channel import LoopChannel
from tradewind.runtime.protocol import Fork, encode
from tradewind.runtime.reactor import Reactor, Timer

Code = tuple[str, str]
"""(fileloc, code_hash)."""
Waiting = tuple[str, socket.socket]
"""(token, its process's end of the socket)."""

_serials = itertools.count(1)


class Zygote:
    """A warm process; for one state of one DAG file if it has a `code`."""

    def __init__(
        self,
        reactor: Reactor,
        control: socket.socket,
        code: Code | None,
        on_line: Callable[["Zygote", bytes], None],
        on_closed: Callable[["Zygote"], None],
    ) -> None:
        self.code = code
        self.name = f"zygote-{next(_serials)}"
        self.pid: int | None = None
        self.is_ready = False
        self.private_kib = 0
        self.timer: Timer | None = None
        self.running: dict[int, str] = {}
        """Token by the serial number of the child."""
        self.waiting: list[Waiting] = []
        """Attempts that wait until it has loaded."""
        self._spare: tuple[int, socket.socket] | None = None
        self._channel = LoopChannel(
            reactor, control, lambda line: on_line(self, line), lambda: on_closed(self)
        )

    def ready(self) -> None:
        """It has loaded: fork for those who wait, and one ahead."""
        self.is_ready = True
        self.cancel_timer()
        waiting, self.waiting = self.waiting, []
        self.take_over(waiting)
        self._spare = self._spare or self._fork()

    def take(self, token: str) -> socket.socket:
        """Our end of the socket of a process for an attempt."""
        if not self.is_ready:
            ours, theirs = socket.socketpair()
            self.waiting.append((token, theirs))
            return ours
        self.cancel_timer()
        serial, ours = self._spare or self._fork()
        self.running[serial] = token
        self._spare = self._fork()
        return ours

    def take_over(self, waiting: Sequence[Waiting]) -> None:
        """Make the processes that others could not make."""
        if not self.is_ready:
            self.waiting.extend(waiting)
            return
        for token, theirs in waiting:
            serial = next(_serials)
            self.running[serial] = token
            self._channel.send(encode(Fork(serial)), theirs.detach())

    def exited(self, serial: int) -> str | None:
        """A child is gone; the attempt that it had."""
        if self._spare is not None and self._spare[0] == serial:
            self._drop_spare()
        return self.running.pop(serial, None)

    def say(self, line: bytes, descriptor: int | None = None) -> None:
        self._channel.send(line, descriptor)

    def hear(self) -> None:
        """Handle what has arrived."""
        self._channel.drain()

    def close(self) -> None:
        """Its control socket closes, so it exits, and what it has forked with it."""
        self.cancel_timer()
        self._drop_spare()
        self._channel.close()

    def kill(self) -> None:
        """For one that may not listen."""
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def cancel_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def _fork(self) -> tuple[int, socket.socket]:
        ours, theirs = socket.socketpair()
        serial = next(_serials)
        self._channel.send(encode(Fork(serial)), theirs.detach())
        return serial, ours

    def _drop_spare(self) -> None:
        if self._spare is not None:
            self._spare[1].close()
            self._spare = None

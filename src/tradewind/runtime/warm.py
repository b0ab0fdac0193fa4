"""One zygote as its supervisor sees it: what it is to fork, what it has forked, when it is ready."""

import contextlib
import itertools
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass

from tradewind.runtime.channel import LoopChannel
from tradewind.runtime.reactor import Reactor, Timer

Code = tuple[str, str]
"""(fileloc, code_hash)."""

_serials = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Birth:
    """A task process that is to be made."""

    token: str
    begin: bytes
    """The Begin message, as a line."""
    socket: socket.socket
    """Its end of the socket; handed over with the message."""


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
        self.running: set[str] = set()
        self.waiting: list[Birth] = []
        """What is to be forked once it has loaded."""
        self._channel = LoopChannel(
            reactor, control, lambda line: on_line(self, line), lambda: on_closed(self)
        )

    def fork(self, birth: Birth) -> None:
        """Make a task process, as soon as it can."""
        if not self.is_ready:
            self.waiting.append(birth)
            return
        self.cancel_timer()
        self.running.add(birth.token)
        self.say(birth.begin, birth.socket.detach())

    def ready(self) -> None:
        """It has loaded: fork what waits."""
        self.is_ready = True
        self.cancel_timer()
        waiting, self.waiting = self.waiting, []
        for birth in waiting:
            self.fork(birth)

    def withdraw(self, token: str) -> bool:
        """Take back what waits; whether there was any."""
        for birth in self.waiting:
            if birth.token == token:
                self.waiting.remove(birth)
                birth.socket.close()
                return True
        return False

    def say(self, line: bytes, descriptor: int | None = None) -> None:
        self._channel.send(line, descriptor)

    def hear(self) -> None:
        """Handle what has arrived."""
        self._channel.drain()

    def close(self) -> None:
        """Its control socket closes, so it exits."""
        self.cancel_timer()
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

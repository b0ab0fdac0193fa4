"""Makes task processes by starting a fresh interpreter for each: isolation `spawn`."""

import contextlib
import os
import signal
import socket
from collections.abc import Callable

from tradewind.config.settings import Settings
from tradewind.runtime.attempts import HeldAttempt
from tradewind.runtime.launch import launch_task
from tradewind.runtime.protocol import Exited
from tradewind.runtime.reactor import Reactor
from tradewind.runtime.warm import Code


class SpawnPool:
    """Stands where a ZygotePool would; every process is the supervisor's own child."""

    def __init__(
        self,
        reactor: Reactor,
        settings: Settings,
        on_exited: Callable[[str, Exited | None], None],
        on_question: Callable[[bytes], None],
    ) -> None:
        self._settings = settings
        self._on_exited = on_exited
        self._tokens: dict[int, str] = {}

    def start(self, attempt: HeldAttempt, code: Code, begin: bytes, sock: socket.socket) -> None:
        """Start a process for an attempt; it gets `begin`, and `sock` to talk."""
        pid = launch_task(self._settings, sock)
        self._tokens[pid] = attempt.token
        if attempt.channel is not None:
            attempt.channel.send(begin)

    def withdraw(self, token: str) -> bool:
        """False: no attempt ever waits."""
        return False

    def answer(self, name: str, line: bytes) -> None:
        """Nobody here asks."""

    def reaped(self, pid: int, exited: Exited) -> None:
        """A child of the supervisor is gone."""
        token = self._tokens.pop(pid, None)
        if token is not None:
            self._on_exited(token, exited)

    def close(self) -> None:
        """End every process."""
        for pid in self._tokens:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)

"""Makes task processes by starting a fresh interpreter for each: isolation `spawn`."""

import contextlib
import os
import signal

from tradewind.config.settings import Settings
from tradewind.runtime.attempts import HeldAttempt
from tradewind.runtime.launch import launch_task
from tradewind.runtime.protocol import Exited
from tradewind.runtime.reactor import Reactor
from tradewind.runtime.warm import Reports


class SpawnPool:
    """Every process is the supervisor's own child."""

    def __init__(
        self,
        reactor: Reactor,
        settings: Settings,
        reports: Reports,
    ) -> None:
        self._reactor = reactor
        self._settings = settings
        self._reports = reports
        self._tokens: dict[int, str] = {}

    def start(self, attempt: HeldAttempt, begin: bytes) -> None:
        """Start a process for an attempt; it gets `begin`."""
        socket_of_task = self._reports.connect(self._reactor, attempt)
        if socket_of_task is None:
            return
        pid = launch_task(self._settings, socket_of_task)
        self._tokens[pid] = attempt.token
        if attempt.channel is not None:
            attempt.channel.send(begin)

    def reaped(self, pid: int, exited: Exited) -> None:
        """A child of the supervisor is gone."""
        token = self._tokens.pop(pid, None)
        if token is not None:
            self._reports.exited(token, exited)

    def close(self) -> None:
        """End every process."""
        for pid in self._tokens:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)

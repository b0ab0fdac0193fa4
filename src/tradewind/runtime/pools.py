"""Which way an attempt gets its process."""

import sys
from typing import Any

from tradewind.config.settings import Settings
from tradewind.runtime.attempts import HeldAttempt
from tradewind.runtime.crew import Crew
from tradewind.runtime.protocol import Exited
from tradewind.runtime.reactor import Reactor
from tradewind.runtime.spawn_pool import SpawnPool
from tradewind.runtime.warm import Reports, Zygote
from tradewind.runtime.zygote_pool import ZygotePool


class Pools:
    """A pool of warm processes, if there may be one, and fresh interpreters for the rest."""

    def __init__(
        self, reactor: Reactor, settings: Settings, reports: Reports, platform: str = sys.platform
    ) -> None:
        self._fresh = SpawnPool(reactor, settings, reports)
        isolation = settings.core.isolation if platform == "linux" else "spawn"
        file_zygote = Crew if isolation == "reuse" else Zygote
        self._warm = (
            None if isolation == "spawn" else ZygotePool(reactor, settings, reports, file_zygote)
        )

    def start(self, attempt: HeldAttempt, order: dict[str, Any], begin: bytes) -> None:
        """Have a process make the attempt; it gets `begin`."""
        if self._warm is None or order.get("run_as_user"):  # a warm one is another user's
            self._fresh.start(attempt, begin)
        else:
            self._warm.start(attempt, (order["fileloc"], order["code_hash"]), begin)

    def withdraw(self, token: str) -> bool:
        """Take an attempt back that still waits for a process."""
        return self._warm is not None and self._warm.withdraw(token)

    def answers_changed(self) -> None:
        """Some Variable or Connection is different."""
        if self._warm is not None:
            self._warm.answers_changed()

    def answer(self, name: str, line: bytes) -> None:
        """Hand an answer to the zygote that asked while it was loading."""
        if self._warm is not None:
            self._warm.answer(name, line)

    def reaped(self, pid: int, exited: Exited) -> None:
        """A child of the supervisor is gone."""
        self._fresh.reaped(pid, exited)
        if self._warm is not None:
            self._warm.reaped(pid)

    def close(self) -> None:
        """End every process."""
        self._fresh.close()
        if self._warm is not None:
            self._warm.close()

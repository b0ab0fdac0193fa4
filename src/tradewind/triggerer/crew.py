"""The process in which triggers run: begun when the first is wanted, ended when none is for long."""

import contextlib
import logging
import os
import signal
import socket
import time
from collections.abc import Callable

from tradewind.config.settings import Settings
from tradewind.runtime.channel import LoopChannel
from tradewind.runtime.launch import launch_trigger_process
from tradewind.runtime.protocol import Message, encode
from tradewind.runtime.reactor import Reactor

log = logging.getLogger(__name__)

LONGEST_BACKOFF_S = 30.0
STEADY_AFTER_S = 60.0


class TriggerProcess:
    """Our end of it."""

    def __init__(
        self,
        settings: Settings,
        reactor: Reactor,
        on_line: Callable[[bytes], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._reactor = reactor
        self._on_line = on_line
        self._on_lost = on_lost
        self._channel: LoopChannel | None = None
        self._pid = 0
        self._failures = 0
        self._begun_at = 0.0
        self._not_before = 0.0

    @property
    def is_there(self) -> bool:
        return self._channel is not None

    def begin(self) -> bool:
        """Start it, unless it is there or died just before; whether it is there."""
        now = time.monotonic()
        if self._channel is None and now >= self._not_before:
            ours, theirs = socket.socketpair()
            self._pid = launch_trigger_process(self._settings, theirs)
            self._begun_at = now
            self._channel = LoopChannel(self._reactor, ours, self._on_line, self._closed)
        return self._channel is not None

    def send(self, message: Message) -> None:
        """Say something; in vain if it has just died, which will be noticed."""
        if self._channel is not None:
            self._channel.send(encode(message))

    def end(self, grace_s: float = 5.0) -> None:
        """Let it end by itself, and kill it if it does not."""
        if self._channel is None:
            return
        self._channel.close()
        self._channel = None
        until = time.monotonic() + grace_s
        while not self._is_reaped() and time.monotonic() < until:
            time.sleep(0.01)
        self._kill()

    def _closed(self) -> None:
        """It is gone, or has closed its socket, which it never does by itself."""
        self._channel = None
        self._kill()
        now = time.monotonic()
        if now - self._begun_at > STEADY_AFTER_S:
            self._failures = 0
        self._not_before = now + min(LONGEST_BACKOFF_S, 2.0**self._failures - 1)
        self._failures += 1
        log.warning("the process of the triggers is gone; they are run again in another")
        self._on_lost()

    def _kill(self) -> None:
        if self._pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._pid, 0)
            self._pid = 0

    def _is_reaped(self) -> bool:
        if self._pid and os.waitpid(self._pid, os.WNOHANG) != (0, 0):
            self._pid = 0
        return not self._pid

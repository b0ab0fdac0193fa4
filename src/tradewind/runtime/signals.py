"""Signals as calls of a loop, and the collecting of dead children."""

import os
import signal
from collections.abc import Callable, Mapping

from tradewind.runtime.protocol import Exited
from tradewind.runtime.reactor import Reactor


class _Wake:
    def __init__(self, number: int) -> None:
        self._number = number

    def fileno(self) -> int:
        return self._number


def watch_signals(reactor: Reactor, calls: Mapping[int, Callable[[], None]]) -> None:
    """Make the call of a signal from the loop, once for any number of the same."""
    read_end, write_end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    for number in calls:
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)

    def on_ready(readable: bool, writable: bool) -> None:
        for number in set(os.read(read_end, 4096)):
            if number in calls:
                calls[number]()

    reactor.watch(_Wake(read_end), on_ready)


def reap(on_exited: Callable[[int, Exited], None]) -> None:
    """Collect every child that is dead."""
    while True:
        try:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        cpu_s = usage.ru_utime + usage.ru_stime
        on_exited(pid, Exited("", pid, status, cpu_s, usage.ru_maxrss))

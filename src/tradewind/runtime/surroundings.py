"""What a task may change for the next one in the same process, and how it is put back.

Only what belongs to the process: modules and what they hold stay as the task left them.
"""

import _signal  # type: ignore[import-not-found]  # signal.getsignal makes an enum of every answer
import logging
import os
import signal
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tradewind.runtime.forked import Handler
from tradewind.runtime.safety import count_threads, fork_nothing

_TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
_SIGNALS = tuple(
    number
    for number in range(1, signal.SIGRTMIN)
    if number in signal.valid_signals() and number not in (signal.SIGKILL, signal.SIGSTOP)
)


def _mask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def _handlers() -> list[Handler]:
    return [_signal.getsignal(number) for number in _SIGNALS]


def environ() -> dict[bytes, bytes]:
    """What os.environ holds, as it holds it: to decode it takes as long as a short task."""
    held: dict[bytes, bytes] = vars(os.environ)["_data"]
    return held


@dataclass(slots=True)
class Surroundings:
    """As a worker finds them before its first task."""

    folder: str | None = field(default_factory=lambda: _folder())
    environ: dict[bytes, bytes] = field(default_factory=lambda: environ().copy())
    umask: int = field(default_factory=_mask)
    handlers: list[Handler] = field(default_factory=_handlers)
    blocked: set[Any] = field(default_factory=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, ()))
    argv: list[str] = field(default_factory=lambda: list(sys.argv))
    path: list[str] = field(default_factory=lambda: list(sys.path))
    streams: tuple[Any, ...] = field(default_factory=lambda: (sys.stdin, sys.stdout, sys.stderr))
    log_handlers: list[logging.Handler] = field(
        default_factory=lambda: list(logging.getLogger().handlers)
    )
    log_level: int = field(default_factory=lambda: logging.getLogger().level)
    threads: int = field(default_factory=count_threads)

    def restore(self) -> str | None:
        """Put everything back; one line on what cannot be, if there is any."""
        try:
            self._restore()
        except Exception as error:  # a folder that is gone, a stream that does not let go
            return f"{type(error).__name__}: {error}"
        return self._what_is_left()

    def _restore(self) -> None:
        for timer in _TIMERS:
            signal.setitimer(timer, 0)
        for number, before, now in zip(_SIGNALS, self.handlers, _handlers(), strict=True):
            if now != before:
                signal.signal(number, before)
        if signal.pthread_sigmask(signal.SIG_BLOCK, ()) != self.blocked:
            signal.pthread_sigmask(signal.SIG_SETMASK, self.blocked)
        os.umask(self.umask)
        if self.folder is not None and _folder() != self.folder:
            os.chdir(self.folder)
        put_back(self.environ)
        sys.argv[:] = self.argv
        if sys.path != self.path:
            sys.path[:] = self.path
        sys.stdin, sys.stdout, sys.stderr = self.streams
        root = logging.getLogger()
        root.handlers[:] = self.log_handlers
        if root.level != self.log_level:
            root.setLevel(self.log_level)

    def _what_is_left(self) -> str | None:
        if threading.active_count() > 1:
            return f"its task left {threading.active_count() - 1} threads"
        if count_threads() > self.threads:
            fork_nothing()  # OpenBLAS's pool comes and goes, and harms nobody
            threads = count_threads() - self.threads
            if threads > 0:
                return f"its task left {threads} native threads"
        return "its task left a program running" if _has_children() else None


def put_back(before: dict[bytes, bytes]) -> None:
    """Make the environment what it was."""
    now = environ()
    if now == before:
        return
    for name in now.keys() - before.keys():
        del os.environb[name]
    for name, value in before.items() - now.items():
        os.environb[name] = value


def _folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 pathlib is slower
    except FileNotFoundError:
        return None


def _has_children() -> bool:
    """Whether a program is running; those that have ended are collected."""
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        return False
    return True


def rss_kib() -> int:
    """Memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024

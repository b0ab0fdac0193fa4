"""One component of `standalone`: a forked process, its output line by line, its restarts."""

import contextlib
import ctypes
import gc
import importlib
import os
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import setproctitle

from tradewind.config.settings import Settings

_PR_SET_PDEATHSIG = 1
LOG_BYTES_MAX = 10 * 1024 * 1024
LONGEST_BACKOFF_S = 30.0
STEADY_AFTER_S = 60.0
"""A component that has run this long starts over with the shortest backoff."""


@dataclass
class Component:
    """A process that runs `target(settings)` until SIGTERM.

    Started by us: `start`. Started by the starter: `open_output` here, `fork` there, `adopt` here.
    """

    name: str
    target: str
    """`module:function`, imported in the child only."""
    settings: Settings
    arguments: dict[str, object] = field(default_factory=dict)
    stop_within_s: float = 8.0
    """If it has not ended so long after SIGTERM, it is killed."""
    pid: int = 0
    pidfd: int = -1
    output: int = -1
    started_at: float = 0.0
    failures: int = 0
    _print_end: int = -1

    @property
    def log_file(self) -> Path:
        return self.settings.logging.base_log_folder / f"{self.name}.log"

    @property
    def is_running(self) -> bool:
        return self.pidfd >= 0

    def start(self, now: float) -> None:
        """Fork a child of ours. The caller must have no thread but its own."""
        self.open_output()
        self.adopt(self.fork(os.getpid()), now)

    def open_output(self) -> None:
        """Make the pipe that it will print to."""
        self.output, self._print_end = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self.output, False)

    def fork(self, parent: int, gate: "Gate | None" = None, foreign: Iterable[int] = ()) -> int:
        """The pid of a new process, which is to end with `parent` and closes what is `foreign`.

        It imports its target at once, but runs it only when it has come through the `gate`.
        """
        sys.stdout.flush()
        sys.stderr.flush()
        gc.freeze()
        pid = os.fork()
        if pid == 0:
            self._be_the_child(parent, gate, foreign)
        return pid

    @property
    def pipe(self) -> tuple[int, int]:
        """The descriptors of its output before it was adopted."""
        return self.output, self._print_end

    def adopt(self, pid: int, now: float) -> None:
        """Watch over a process that was forked for this component."""
        os.close(self._print_end)
        self.pid, self.pidfd, self.started_at = pid, os.pidfd_open(pid), now

    def send(self, number: int) -> None:
        """Signal the process, if it is there."""
        if self.is_running:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.pidfd, number)

    def reap(self) -> int:
        """Its exit code, negative for a signal; call when `pidfd` is readable."""
        _, status = os.waitpid(self.pid, 0)
        os.close(self.pidfd)
        self.pidfd = -1
        return os.waitstatus_to_exitcode(status)

    def close_output(self) -> None:
        if self.output >= 0:
            os.close(self.output)
            self.output = -1

    def backoff_s(self, now: float) -> float:
        """How long to wait before it is started again: 1 s, doubled each time up to 30 s."""
        if now - self.started_at >= STEADY_AFTER_S:
            self.failures = 0
        self.failures += 1
        return min(LONGEST_BACKOFF_S, 2.0 ** (self.failures - 1))

    def _be_the_child(self, parent: int, gate: "Gate | None", foreign: Iterable[int]) -> NoReturn:
        """Everything that follows happens in the new process, which ends here."""
        code = 1
        try:
            os.setpgid(0, 0)  # a Ctrl-C in the terminal is for the parent, which stops us in order
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            nothing = os.open(os.devnull, os.O_RDONLY)
            os.dup2(nothing, 0)
            os.dup2(self._print_end, 1)
            os.dup2(self._print_end, 2)
            for descriptor in (nothing, self.output, self._print_end, *foreign):
                os.close(descriptor)
            setproctitle.setproctitle(f"tradewind: {self.name}")
            module, _, function = self.target.partition(":")
            run = getattr(importlib.import_module(module), function)
            if gate is not None:
                gate.pass_to(parent)
            _die_with_parent(parent, self.stop_within_s)
            code = int(run(self.settings, **self.arguments) or 0)
        except SystemExit as exit_:
            code = exit_.code if isinstance(exit_.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)


class Gate:
    """Behind which forks of the starter wait until all is prepared and the starter has left."""

    def __init__(self) -> None:
        self._starter = os.getpid()
        self._read, self._write = os.pipe2(os.O_CLOEXEC)

    def open(self, count: int) -> None:
        """In the starter: let so many pass. If it ends without, those who wait end too."""
        os.write(self._write, b"x" * count)

    def pass_to(self, parent: int) -> None:
        """In a fork: wait until it is a child of `parent`, or end here."""
        os.close(self._write)
        if not os.read(self._read, 1):
            os._exit(1)
        os.close(self._read)
        while os.getppid() == self._starter:
            time.sleep(0.001)


def be_killed_with(parent: int, number: int = signal.SIGKILL) -> None:
    """Have the kernel send a signal when the parent is gone, however it went."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _die_with_parent(parent: int, within_s: float) -> None:
    """Have the kernel send SIGTERM when the parent is gone, however it went; whoever does not
    end then is killed soon after, as the parent would have done."""
    try:
        watched = os.pidfd_open(parent)
    except ProcessLookupError:
        os._exit(1)
    be_killed_with(parent, signal.SIGTERM)
    threading.Thread(target=_end_after, args=(watched, within_s), daemon=True).start()


def _end_after(watched: int, within_s: float) -> None:
    gone = select.poll()
    gone.register(watched, select.POLLIN)
    gone.poll()
    time.sleep(within_s)
    os.kill(os.getpid(), signal.SIGKILL)

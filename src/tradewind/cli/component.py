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
    """A process that runs `target(settings)` until SIGTERM."""

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

    @property
    def log_file(self) -> Path:
        return self.settings.logging.base_log_folder / f"{self.name}.log"

    @property
    def is_running(self) -> bool:
        return self.pidfd >= 0

    def start(self, now: float, gate: tuple[int, int] | None = None) -> None:
        """Fork. The caller must have no thread but its own.

        The child imports its target at once, but runs it only when the caller has closed the write
        end of the pipe `gate`.
        """
        sys.stdout.flush()
        sys.stderr.flush()
        output, write_end = os.pipe2(os.O_CLOEXEC)
        gc.freeze()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._be_the_child(write_end, parent, gate)
        os.close(write_end)
        os.set_blocking(output, False)
        self.pid, self.pidfd, self.output = pid, os.pidfd_open(pid), output
        self.started_at = now

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

    def _be_the_child(self, write_end: int, parent: int, gate: tuple[int, int] | None) -> NoReturn:
        """Everything that follows happens in the new process, which ends here."""
        code = 1
        try:
            os.setpgid(0, 0)  # a Ctrl-C in the terminal is for the parent, which stops us in order
            _die_with_parent(parent, self.stop_within_s)
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            nothing = os.open(os.devnull, os.O_RDONLY)
            os.dup2(nothing, 0)
            os.dup2(write_end, 1)
            os.dup2(write_end, 2)
            setproctitle.setproctitle(f"tradewind: {self.name}")
            module, _, function = self.target.partition(":")
            run = getattr(importlib.import_module(module), function)
            if gate is not None:
                os.close(gate[1])
                os.read(gate[0], 1)
                os.close(gate[0])
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


def _die_with_parent(parent: int, within_s: float) -> None:
    """Have the kernel send SIGTERM when the parent is gone, however it went; whoever does not
    end then is killed soon after, as the parent would have done."""
    try:
        watched = os.pidfd_open(parent)
    except ProcessLookupError:
        os._exit(1)
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    threading.Thread(target=_end_after, args=(watched, within_s), daemon=True).start()


def _end_after(watched: int, within_s: float) -> None:
    gone = select.poll()
    gone.register(watched, select.POLLIN)
    gone.poll()
    time.sleep(within_s)
    os.kill(os.getpid(), signal.SIGKILL)

"""Ends what a task that vanished has left running: its process group, and every process that
carries its mark in the environment, whatever group or session it went to.
"""

import contextlib
import ctypes
import functools
import os
import select
import signal
import sys
import time
from collections.abc import Collection
from pathlib import Path

MARK = "TRADEWIND_ATTEMPT"
ROOM_FOR_TOKEN = 64
GONE_WITHIN_S = 5.0
"""A process that SIGKILL has not ended by then hangs in the kernel: nothing can be done."""


def mark_of(run_folder: Path, token: str) -> str:
    """What names an attempt among all on this machine."""
    return f"{run_folder}:{token}"


def room_for_mark(run_folder: Path) -> dict[str, str]:
    """What the environment of a process must hold at its start for `mark_process` to work."""
    return {MARK: mark_of(run_folder, " " * ROOM_FOR_TOKEN)}


def mark_process(mark: str) -> None:
    """Have this process, and all that come from it, carry the mark of an attempt: the programs
    they start find it in their environment, for mere forks it is where /proc shows it."""
    os.environ[MARK] = mark
    start, end = shown_environment()
    text = f"\0{MARK}={mark}\0".encode()  # there may be a longer one in its place
    if len(text) < end - start:
        ctypes.memmove(end - len(text), text, len(text))


@functools.cache
def shown_environment() -> tuple[int, int]:
    """The memory that /proc shows as this process's environment; the same after a fork."""
    fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
    return int(fields[47]), int(fields[48])


def signal_group(group: int, number: int) -> None:
    """Signal every process of a group, if there is any."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def kill_leftovers(marks: Collection[str], groups: Collection[int]) -> None:
    """Kill every process of these groups or with one of these marks, and wait until they are gone.

    A group of which no process is left has nothing to fear but that its number is in use again.
    """
    for group in groups:
        signal_group(group, signal.SIGKILL)
    wanted = {f"{MARK}={mark}".encode() for mark in marks}
    deadline = time.monotonic() + GONE_WITHIN_S
    while found := _marked(wanted):  # until none has escaped by a fork
        with contextlib.ExitStack() as opened:
            handles = [_handle(pid, opened) for pid in found]
            for handle in handles:
                if handle is not None:
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        signal.pidfd_send_signal(handle, signal.SIGKILL)
            for handle in handles:
                if handle is not None and not _is_over(handle, deadline):
                    sys.stderr.write(f"cannot be killed: {found}\n")
                    return


def _handle(pid: int, opened: contextlib.ExitStack) -> int | None:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return None
    opened.callback(os.close, handle)
    return handle


def _is_over(handle: int, deadline: float) -> bool:
    ended = select.poll()
    ended.register(handle, select.POLLIN)
    return bool(ended.poll(max(0.0, deadline - time.monotonic()) * 1000))


def _marked(wanted: set[bytes]) -> list[int]:
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and not wanted.isdisjoint(_environ_of(entry))
    ]


def _environ_of(process: Path) -> list[bytes]:
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:  # gone, or another user's
        return []

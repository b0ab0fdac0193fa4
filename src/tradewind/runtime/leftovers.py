"""Ends what a task that vanished has left running: its process group, and every program that
carries its mark in the environment, whatever group or session it went to.
"""

import contextlib
import os
import signal
from pathlib import Path

from tradewind.runtime.journal import start_time_of

MARK = "TRADEWIND_ATTEMPT"


def mark_of(run_folder: Path, token: str) -> str:
    """What names an attempt among all on this machine."""
    return f"{run_folder}:{token}"


def signal_group(group: int, number: int) -> None:
    """Signal every process of a group, if there is any."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def kill_leftovers(mark: str, leader: int, leader_start_time: int | None = None) -> None:
    """Kill what is left of an attempt whose own process is gone.

    `leader_start_time` guards against a pid that is in use again.
    """
    if start_time_of(leader) in (None, leader_start_time):
        signal_group(leader, signal.SIGKILL)
    wanted = f"{MARK}={mark}".encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and wanted in _environ_of(entry):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(int(entry.name), signal.SIGKILL)


def _environ_of(process: Path) -> list[bytes]:
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:  # gone, or another user's
        return []

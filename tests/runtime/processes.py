"""Looks at processes through /proc."""

import os
import select
from pathlib import Path

from tests.patience import PATIENCE_S
from tradewind.config.settings import Settings


def children(pid: int) -> list[int]:
    """Direct children that are alive."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(parent) == pid and state != "Z":
                found.append(int(entry.name))
    return found


def name_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").decode()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_gone(*pids: int) -> None:
    """Wait until every process has ended."""
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        ready, _, _ = select.select([handle], [], [], PATIENCE_S)
        os.close(handle)
        assert ready or not is_alive(pid), f"{pid} ({name_of(pid)}) is still there"


def supervisor_pid(settings: Settings) -> int:
    """Whoever holds the lock of the run folder."""
    with (settings.run_folder / "supervisor.lock").open("rb") as file:
        inode = os.fstat(file.fileno()).st_ino
    for line in Path("/proc/locks").read_text().splitlines():
        fields = line.split()
        if fields[1] == "FLOCK" and fields[5].endswith(f":{inode}"):
            return int(fields[4])
    raise AssertionError("there is no supervisor")

"""CPU time and memory of groups of processes, and what the machine does besides.

Where a cgroup can be made (as root), an engine's processes live in one: its CPU time is exact and
holds the dead ones too. Elsewhere the tree of its processes is added up; as every parent in it
waits for its children, their time is in the parents'.
"""

import ctypes
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

TICK = os.sysconf("SC_CLK_TCK")
CORES = os.cpu_count() or 1
_MOUNTS = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified"))
_PR_SET_CHILD_SUBREAPER = 36


class Account(Protocol):
    """The processes of one engine or database server."""

    def enter(self) -> None:
        """Called in the child that is about to become the first of them."""

    def used_s(self) -> float:
        """CPU seconds so far, of the dead ones too."""

    def pids(self) -> list[int]:
        """Who is alive."""

    def close(self) -> None:
        """End whoever is left."""


class Group:
    """A cgroup (version 2)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def enter(self) -> None:
        (self._path / "cgroup.procs").write_text(str(os.getpid()))

    def used_s(self) -> float:
        name, usec = (self._path / "cpu.stat").read_text().split()[:2]
        assert name == "usage_usec"
        return int(usec) / 1e6

    def pids(self) -> list[int]:
        return [int(line) for line in (self._path / "cgroup.procs").read_text().split()]

    def close(self) -> None:
        _end_all(self.pids)
        for _ in range(100):
            try:
                self._path.rmdir()
            except OSError:  # the dead are still being cleared away
                time.sleep(0.05)
            else:
                return
        raise TimeoutError(f"{self._path} cannot be removed: {self.pids()} are in it")


class Tree:
    """A process and its descendants."""

    def __init__(self, root: int | None = None) -> None:
        self._root = root or 0
        self._told: tuple[int, ...] = () if root else os.pipe()

    def enter(self) -> None:
        os.write(self._told[1], b"%d" % os.getpid())

    def used_s(self) -> float:
        return sum(own + children for own, children in map(cpu_of, self.pids()))

    def pids(self) -> list[int]:
        if not self._root:
            self._root = int(os.read(self._told[0], 32))
        children: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and (fields := _stat(int(entry.name))):
                children.setdefault(int(fields[1]), []).append(int(entry.name))
        found = [self._root]
        for pid in found:
            found.extend(children.get(pid, []))
        return [pid for pid in found if _stat(pid)]

    def close(self) -> None:
        _end_all(self.pids)


def open_account(name: str) -> Account:
    """A cgroup if one can be made, else a tree, whose orphans then come to us."""
    for mount in _MOUNTS:
        if (mount / "cgroup.procs").exists() and (mount / "cgroup.controllers").exists():
            group = mount / f"tradewind-bench-{os.getpid()}-{name}"
            with suppress(OSError):
                group.mkdir()
                return Group(group)
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    return Tree()


def _end_all(pids: Callable[[], list[int]]) -> None:
    deadline = time.monotonic() + 30
    while (left := pids()) and time.monotonic() < deadline:
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.05)


# --- single processes -------------------------------------------------------------------------


def cpu_of(pid: int) -> tuple[float, float]:
    """CPU seconds of a process itself, and of the children it has waited for."""
    fields = _stat(pid)
    if not fields:
        return 0.0, 0.0
    utime, stime, cutime, cstime = (int(field) / TICK for field in fields[11:15])
    return utime + stime, cutime + cstime


def title_of(pid: int) -> str:
    """What `ps` shows for it; empty if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        return ""


def pss_mib(pids: list[int]) -> float:
    """Proportional memory together."""
    return sum(map(_pss_kib, pids)) / 1024


def _pss_kib(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass  # it ended while we looked
    return 0


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on; none if it ended while we looked."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


# --- the machine ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moment:
    """CPU seconds used by everybody up to one moment."""

    at_s: float
    machine_s: float
    ours_s: float

    @classmethod
    def now(cls, *accounts: Account | None) -> "Moment":
        own = os.times()
        return cls(
            time.monotonic(),
            _machine_busy_s(),
            own.user + own.system + sum(one.used_s() for one in accounts if one),
        )

    def foreign_since(self, earlier: "Moment") -> float:
        """The share of all cores that went to processes we know nothing of, or to other guests of
        the host, from 0 to 1."""
        foreign_s = (self.machine_s - earlier.machine_s) - (self.ours_s - earlier.ours_s)
        return max(0.0, foreign_s / max(1e-9, (self.at_s - earlier.at_s) * CORES))


def _machine_busy_s() -> float:
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICK  # all but idle and iowait


def calibration_ms() -> float:
    """A fixed piece of arithmetic, the best of three: how fast the machine is just now."""
    return min(_loop_ms() for _ in range(3))


def _loop_ms() -> float:
    started = time.perf_counter()
    total = 0
    for i in range(30_000):
        total += i * i
    return (time.perf_counter() - started) * 1000

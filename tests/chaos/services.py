"""The product under test as a service manager would run it: what dies is started again."""

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.product import TRADEWIND, descendants, environment
from tests.runtime.processes import name_of

STOP_WITHIN_S = 240.0
SEPARATE = {
    "scheduler": ("scheduler",),
    "dag-processor": ("dag-processor",),
    "api-server": ("api-server", "--port", "0"),
    "triggerer": ("triggerer",),
    "triggerer 2": ("triggerer",),
}
TRIGGERERS = ("triggerer", "triggerer 2")
TOGETHER = {"standalone": ("standalone", "--port", "0")}


@dataclass
class Service:
    """One command that is kept running."""

    name: str
    arguments: tuple[str, ...]
    process: "subprocess.Popen[bytes] | None" = None
    start_at: float = 0.0
    """When it is to be started next, by the monotonic clock."""


class Services:
    """All processes of one home. `tend()` often; leave with `stop()`."""

    def __init__(self, home: Path, commands: dict[str, tuple[str, ...]], **more: str) -> None:
        self.home = home
        self._environment = environment(home, **more)
        self._all = {name: Service(name, arguments) for name, arguments in commands.items()}
        self._log = (home / "services.log").open("ab")

    @property
    def are_together(self) -> bool:
        """Whether all of them are parts of `standalone`."""
        return "standalone" in self._all

    def tend(self) -> None:
        """Start what is due."""
        for service in self._all.values():
            if service.process is not None and service.process.poll() is not None:
                service.process = None
            if service.process is None and time.monotonic() >= service.start_at:
                service.process = subprocess.Popen(
                    [TRADEWIND, *service.arguments],
                    env=self._environment,
                    stdout=self._log,
                    stderr=self._log,
                    start_new_session=True,
                )

    def command(self, *arguments: str) -> int:
        """Run a command to its end; the exit code."""
        return subprocess.run(
            [TRADEWIND, *arguments],
            env=self._environment,
            stdout=self._log,
            stderr=self._log,
            timeout=STOP_WITHIN_S,
        ).returncode

    def pids(self, role: str) -> list[int]:
        """The processes of a role: a service, a component of `standalone`, or `supervisor`,
        `base`, `zygote` and `task`; `triggers`, those of the triggerers."""
        if role in self._all:
            process = self._all[role].process
            return [] if process is None or process.poll() is not None else [process.pid]
        if role in SEPARATE:
            return self._named(self._below("standalone"), f"tradewind: {role}")
        if role == "triggers":
            roles = ("standalone",) if self.are_together else TRIGGERERS
            below = [pid for one in roles for pid in self._below(one)]
            return self._named(below, "tradewind: triggers")
        supervisor = supervisor_of(self.home)
        if role == "supervisor" or supervisor is None:
            return [] if supervisor is None else [supervisor]
        below = sorted(descendants(supervisor))
        if role == "base":
            return [pid for pid in below if _name(pid) == "tradewind: zygote"]
        return self._named(below, f"tradewind: {role} ")

    def kill(self, pid: int, restart_after_s: float) -> None:
        """kill -9; if it is a service it comes back after `restart_after_s`."""
        for service in self._all.values():
            if service.process is not None and service.process.pid == pid:
                service.start_at = time.monotonic() + restart_after_s
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """Stop everything in order: services first, then the supervisor that outlives them."""
        for service in self._all.values():
            if service.process is not None:
                service.process.terminate()
        for service in self._all.values():
            if service.process is not None:
                service.process.wait(STOP_WITHIN_S)
                service.process = None
        deadline = time.monotonic() + STOP_WITHIN_S
        while (supervisor := supervisor_of(self.home)) is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(supervisor, signal.SIGTERM)
            assert time.monotonic() < deadline, "the supervisor does not stop"
            time.sleep(0.05)
        self._log.close()

    def said(self) -> str:
        """What the services printed last, for a failure's message."""
        return "\n".join((self.home / "services.log").read_text().splitlines()[-40:])

    def _below(self, role: str) -> list[int]:
        return [below for pid in self.pids(role) for below in sorted(descendants(pid))]

    def _named(self, pids: list[int], prefix: str) -> list[int]:
        return [pid for pid in pids if _name(pid).startswith(prefix)]


def supervisor_of(home: Path) -> int | None:
    """Whoever holds the lock of the home's run folder."""
    try:
        inode = (home / "run" / "supervisor.lock").stat().st_ino
    except FileNotFoundError:
        return None
    for line in Path("/proc/locks").read_text().splitlines():
        fields = line.split()
        if fields[1] == "FLOCK" and fields[5].endswith(f":{inode}"):
            return int(fields[4])
    return None


def _name(pid: int) -> str:
    try:
        return name_of(pid)
    except OSError:
        return ""

"""Starts the product on an empty home, talks to it over HTTP, and weighs its processes."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

HERE = Path(__file__).parent
START_TIMEOUT_S = 60
TICK = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Load:
    """What the processes of the product use together."""

    processes: int
    pss_mib: float
    cpu_s: float


class Product:
    """One running `tradewind standalone`, stopped at the end of the `with`."""

    def __init__(self, database_url: str | None = None) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="tradewind-bench-"))
        self.port = free_port()
        self._environ = {
            **{name: value for name, value in os.environ.items() if "TRADEWIND" not in name},
            "TRADEWIND_HOME": str(self.home),
            "TRADEWIND_ADMIN_PASSWORD": "benchmark",
            "TRADEWIND__CORE__DAGS_FOLDER": str(HERE / "dags"),
            "TRADEWIND__CORE__DAGS_ARE_PAUSED_AT_CREATION": "false",
        }
        if database_url:
            self._environ["TRADEWIND__DATABASE__URL"] = database_url
        self._token = ""
        self.healthy_after_s = 0.0

    def __enter__(self) -> Self:
        started = time.monotonic()
        command = [str(Path(sys.executable).parent / "tradewind"), "standalone"]
        self._output = (self.home / "standalone.out").open("w")
        self._process = subprocess.Popen(
            [*command, "--port", str(self.port)],
            env=self._environ,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._wait_until_healthy(started + START_TIMEOUT_S)
        self.healthy_after_s = time.monotonic() - started
        self._token = self.call(
            "POST", "/auth/token", {"username": "admin", "password": "benchmark"}
        )["access_token"]
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=30)
        self._output.close()
        shutil.rmtree(self.home)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One request; the answer's JSON."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def load(self) -> Load:
        """Processes, proportional memory and CPU time of everything this product started."""
        pids = self._pids()
        return Load(
            len(pids),
            sum(_pss_kib(pid) for pid in pids) / 1024,
            sum(_cpu_ticks(pid) for pid in pids) / TICK,
        )

    def _pids(self) -> list[int]:
        """The process of `standalone` and all its descendants."""
        children: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                children.setdefault(_parent(int(entry.name)), []).append(int(entry.name))
        found = [self._process.pid]
        for pid in found:
            found.extend(children.get(pid, []))
        return found

    def _wait_until_healthy(self, deadline: float) -> None:
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                health = self.call("GET", "/api/v2/monitor/health")
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.01)
                continue
            parts = ("metadatabase", "scheduler", "dag_processor")
            if all(health[part]["status"] == "healthy" for part in parts):
                return
            time.sleep(0.01)
        raise RuntimeError((self.home / "standalone.out").read_text())


def _pss_kib(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass  # it ended while we looked
    return 0


def _cpu_ticks(pid: int) -> int:
    # utime, stime, and those of children it has waited for: proc(5), fields 14 to 17.
    return sum(int(field) for field in _stat(pid)[11:15])


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on; none if it ended while we looked."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []

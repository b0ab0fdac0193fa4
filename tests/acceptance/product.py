"""The product as users have it: `tradewind standalone` in a home of its own, and its commands."""

import contextlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE_S

TRADEWIND = str(Path(sys.executable).with_name("tradewind"))
READY_WITHIN_S = 240.0
"""Far above what it takes: the machine may be busy."""


def environment(home: Path, **more: str) -> dict[str, str]:
    """An environment in which nothing but `home` and `more` configures Tradewind."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TRADEWIND", "AIRFLOW"))
    }
    return {**kept, "TRADEWIND_HOME": str(home), **more}


def command(
    home: Path, *arguments: str, exit_code: int | None = 0, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run one `tradewind` command to its end."""
    done = subprocess.run(
        [TRADEWIND, *arguments],
        env=environment(home, **more),
        capture_output=True,
        text=True,
        timeout=READY_WITHIN_S,
    )
    if exit_code is not None:
        assert done.returncode == exit_code, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return done


class Standalone:
    """A running `tradewind standalone`; a context that stops it."""

    def __init__(self, home: Path, *arguments: str, **more: str) -> None:
        self.home = home
        self.said = ""
        self._more = more
        self._process = subprocess.Popen(
            [TRADEWIND, "standalone", "--port", "0", *arguments],
            env=environment(home, **more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def __enter__(self) -> "Standalone":
        self.wait_for("Ctrl-C stops everything")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def url(self) -> str:
        found = re.search(r"http://\S+", self.said)
        assert found is not None, self.said
        return found[0]

    def wait_for(self, text: str, within_s: float = READY_WITHIN_S) -> None:
        """Read its output until it contains `text`."""
        assert self._process.stdout is not None
        deadline = time.monotonic() + within_s
        while text not in self.said:
            left_s = deadline - time.monotonic()
            assert left_s > 0, f"{text!r} was not said in {within_s} s:\n{self.said}"
            if select.select([self._process.stdout], [], [], left_s)[0]:
                block = os.read(self._process.stdout.fileno(), 65536)
                assert block, f"it ended before it said {text!r}:\n{self.said}"
                self.said += block.decode()

    def stop(self, number: int = signal.SIGINT, within_s: float = PATIENCE_S) -> int:
        """Send a signal and wait for the end; the exit code."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)
        try:
            rest, _ = self._process.communicate(timeout=within_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            raise
        self.said += rest.decode()
        return self._process.returncode

    def run(self, *arguments: str, exit_code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run one command beside it."""
        return command(self.home, *arguments, exit_code=exit_code, **self._more)

    def listed(self, *arguments: str) -> list[dict[str, Any]]:
        """The rows of a listing."""
        rows: list[dict[str, Any]] = json.loads(self.run(*arguments, "-o", "json").stdout)
        return rows

    def wait_for_dags(self, *dag_ids: str) -> None:
        """Until the dag-processor has read them."""
        deadline = time.monotonic() + READY_WITHIN_S
        while not set(dag_ids) <= {row["dag_id"] for row in self.listed("dags", "list")}:
            assert time.monotonic() < deadline, self.run("dags", "list-import-errors").stdout


def descendants(pid: int) -> set[int]:
    """Every process below `pid`, however deep."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        with contextlib.suppress(OSError):
            each = waiting.pop()
            for thread in Path(f"/proc/{each}/task").iterdir():
                children = {int(child) for child in (thread / "children").read_text().split()}
                waiting += children - found
                found |= children
    return found


def using(home: Path) -> dict[int, str]:
    """Every process with a file, socket or folder below `home` open, and what `ps` calls it."""
    found = {}
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            links = [process / "cwd", *(process / "fd").iterdir()]
            if any(os.readlink(link).startswith(str(home)) for link in links):
                found[int(process.name)] = (process / "cmdline").read_text().replace("\0", " ")
    return found


def is_alive(pid: int) -> bool:
    """Whether the process is there and not only a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

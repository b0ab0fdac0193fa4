"""One running engine, ours or another: started on an empty home, driven over HTTP, stopped."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Self

from benchmarks.accounting import Account, open_account

DAGS = Path(__file__).parent / "dags"
PASSWORD = "benchmark"
KEPT_ALIVE_S = 2.0


class Refused(Exception):
    """An answer that is not 2xx; its status, and what it says."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text[:500]}")
        self.status = status


class Client:
    """One connection to an engine's API, made anew when it has been idle. Not for several threads."""

    def __init__(self, port: int, token: str = "") -> None:
        self._port = port
        self._token = token
        self._connection: http.client.HTTPConnection | None = None
        self._used_at = 0.0

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One request; the answer's JSON. Raises Refused, and OSError where nobody answers."""
        if self._connection is None or time.monotonic() - self._used_at > KEPT_ALIVE_S:
            self.close()
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        text = None if body is None else json.dumps(body)
        try:
            self._connection.request(method, path, text, headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise ConnectionError(str(error)) from error
        self._used_at = time.monotonic()
        if answer.status >= 300:
            raise Refused(answer.status, content.decode(errors="replace"))
        return json.loads(content)

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Engine(ABC):
    """A `with` statement starts it and stops it. `files` is the folder it reads DAG files from."""

    start_timeout_s = 60.0
    parts: tuple[str, ...]
    """What must be healthy, as the health page names it."""
    children_of: dict[str, str]
    """What the children of a part are that have ended, where they are not of the same part."""
    folder: Path
    """Of its programs and its Python."""
    statement: str
    """What every DAG file of its users begins with."""

    def __init__(self, database_url: str | None) -> None:
        self.more_environ: dict[str, str] = {}
        """Set for it alone, on top of all else."""
        self.home = Path(tempfile.mkdtemp(prefix="tradewind-bench-"))
        self.files = self.home / "dags"
        self.files.mkdir()
        self.clock = self.home / "clock"
        self.clock.touch()
        self.port = free_port()
        self.healthy_after_s = 0.0
        self.token = ""
        self._database_url = database_url
        self._account: Account | None = None

    @property
    def account(self) -> Account:
        """Its processes."""
        assert self._account is not None, "not started"
        return self._account

    @abstractmethod
    def command(self) -> list[str]:
        """What starts it."""

    @abstractmethod
    def environ(self) -> dict[str, str]:
        """Its settings, on top of those of every program."""

    @abstractmethod
    def role_of(self, title: str) -> str:
        """Which part of the engine a process is, by what `ps` shows."""

    def add(self, *names: str) -> None:
        """Give it DAG files of ours, and the module they import."""
        for name in ("bench_clock.py", *names):
            shutil.copy(DAGS / name, self.files)

    def add_copies(self, name: str, times: int) -> None:
        """Give it one DAG file under many names."""
        for number in range(times):
            shutil.copy(DAGS / name, self.files / f"{Path(name).stem}_{number:03d}.py")

    def __enter__(self) -> Self:
        started = time.monotonic()
        self._account = open_account(str(self.port))
        self._output = (self.home / "output").open("w")
        kept = ("PATH", "HOME", "LANG", "TMPDIR", "TZ")
        self._process = subprocess.Popen(
            self.command(),
            env={name: os.environ[name] for name in kept if name in os.environ}
            | {"BENCH_CLOCK": str(self.clock)}
            | self.environ()
            | self.more_environ,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=self._account.enter,
        )
        try:
            self._wait_until_healthy(started + self.start_timeout_s)
            self.healthy_after_s = time.monotonic() - started
            login = {"username": "admin", "password": PASSWORD}
            client = self.client()
            self.token = client.call("POST", "/auth/token", login)["access_token"]
            client.close()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def client(self) -> Client:
        """A connection of one's own."""
        return Client(self.port, self.token)

    def _stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.account.close()
        self._output.close()
        self.clean()

    def clean(self) -> None:
        """Remove its home."""
        shutil.rmtree(self.home, ignore_errors=True)

    def _wait_until_healthy(self, deadline: float) -> None:
        client = Client(self.port)
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                health = client.call("GET", "/api/v2/monitor/health")
                if all(health[part]["status"] == "healthy" for part in self.parts):
                    return
            except (OSError, Refused):
                pass  # not yet
            finally:
                client.close()
            time.sleep(0.01)
        output = (self.home / "output").read_text(errors="replace")
        raise RuntimeError(f"not healthy after {self.start_timeout_s:.0f} s:\n{output[-5000:]}")


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

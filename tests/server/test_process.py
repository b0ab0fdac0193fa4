"""The real process: it starts, answers and goes away."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S
from tests.scheduler.harness import START
from tradewind.server.auth.passwords import hash_password
from tradewind.storage import components, users
from tradewind.storage.database import Database

SERVE = """
import sys
from tradewind.config.load import load_settings
from tradewind.server.process import main
sys.exit(main(load_settings()))
"""


@contextmanager
def serving(tmp_path: Path, database_url: str, **more: str) -> Iterator[subprocess.Popen[str]]:
    environ = {
        **os.environ,
        "TRADEWIND_HOME": str(tmp_path / "home"),
        "TRADEWIND__DATABASE__URL": database_url,
        "TRADEWIND__API__PORT": "0",
        **more,
    }
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE], env=environ, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE_S)


def port_of(process: subprocess.Popen[str]) -> int:
    """Where it listens, by what it logs."""
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"listening on http://127\.0\.0\.1:(\d+)", line):
            return int(found[1])
    raise AssertionError("it never listened")


def ask(port: int, method: str, path: str, body: object = None, token: str = "") -> tuple[int, str]:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    asked.request(method, path, json.dumps(body), headers)
    answer = asked.getresponse()
    text = answer.read().decode()
    asked.close()
    return answer.status, text


def test_a_server_starts_answers_and_stops(
    tmp_path: Path, database: Database, database_url: str
) -> None:
    with database.write() as conn:
        users.upsert(conn, "ann", password_hash=hash_password("pw"), role="admin", now=START)
    with serving(tmp_path, database_url) as process:
        port = port_of(process)
        assert ask(port, "GET", "/api/v2/dags")[0] == 401
        status, text = ask(port, "POST", "/auth/token", {"username": "ann", "password": "pw"})
        assert status == 201, text
        token = json.loads(text)["access_token"]
        assert ask(port, "GET", "/api/v2/dags", token=token)[0] == 200
        name = Path(f"/proc/{process.pid}/cmdline").read_bytes().rstrip(b"\0")
        assert name == b"tradewind: api-server"
        with database.read() as conn:
            kinds = [component.kind for component in components.living(conn)]
        assert kinds == ["api_server"]
        kept_open = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        kept_open.connect()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE_S) == 0
        kept_open.close()
        with database.read() as conn:
            assert components.living(conn) == []
        assert list((tmp_path / "home" / "run").iterdir()) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"TRADEWIND__DATABASE__URL": "sqlite:////nowhere/x.db"}, "tradewind db migrate"),
        ({"TRADEWIND__API__HOST": "203.0.113.1"}, "cannot listen on 203.0.113.1:0"),
    ],
)
def test_what_stands_in_the_way_is_said_in_one_line(
    tmp_path: Path, sqlite_url: str, change: dict[str, str], says: str
) -> None:
    with serving(tmp_path, sqlite_url, **change) as process:
        _, errors = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 1
        assert says in errors
        assert len(errors.strip().splitlines()) == 1

"""The whole product while its database fails: health says why, nothing starts, nothing is lost."""

import json
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import postgresql
from tests.acceptance.product import Standalone

pytestmark = pytest.mark.acceptance

BOUND_S = 240.0
DAG_FILE = """
import os, time
from pathlib import Path
from tradewind import DAG, task

OUTSIDE = Path({outside!r})

def note(name):
    with (OUTSIDE / "ran.txt").open("a") as file:
        file.write(name + "\\n")

with DAG("three", is_paused_upon_creation=False):
    @task
    def first():
        note("first")
        while not (OUTSIDE / "go").exists():
            time.sleep(0.05)
        return 20

    @task
    def second(number):
        note("second")
        return number + 1

    @task
    def third(number):
        note(f"third {{number}}")

    third(second(first()))
"""


class Product:
    """A standalone with one DAG whose first task waits for us."""

    def __init__(self, standalone: Standalone, outside: Path) -> None:
        self.outside = outside
        self._standalone = standalone
        self._token = self._ask("POST", "/auth/token", {"username": "admin", "password": "secret"})[
            "access_token"
        ]

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        request = urllib.request.Request(
            self._standalone.url.rstrip("/") + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Content-Type": "application/json",
                "Authorization": f"Bearer {getattr(self, '_token', '')}",
            },
        )
        with urllib.request.urlopen(request, timeout=BOUND_S) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def trigger(self, run_id: str) -> dict[str, Any]:
        body = {"dag_run_id": run_id, "logical_date": None}
        return self._ask("POST", "/api/v2/dags/three/dagRuns", body)

    def refusal(self, run_id: str) -> tuple[int, str]:
        """Status and text of a trigger that cannot be taken."""
        with pytest.raises(urllib.error.HTTPError) as caught:
            self.trigger(run_id)
        return caught.value.code, caught.value.read().decode()

    def health(self) -> dict[str, Any]:
        return self._ask("GET", "/api/v2/monitor/health")

    def ran(self) -> list[str]:
        path = self.outside / "ran.txt"
        return path.read_text().splitlines() if path.exists() else []

    def state(self, run_id: str) -> str:
        return str(self._ask("GET", f"/api/v2/dags/three/dagRuns/{run_id}")["state"])

    def tries(self, run_id: str) -> set[int]:
        path = f"/api/v2/dags/three/dagRuns/{run_id}/taskInstances"
        return {task["try_number"] for task in self._ask("GET", path)["task_instances"]}

    def run_ids(self) -> set[str]:
        found = self._ask("GET", "/api/v2/dags/three/dagRuns")["dag_runs"]
        return {run["dag_run_id"] for run in found}

    def let_first_end(self) -> None:
        (self.outside / "go").touch()


def wait_for(condition: Callable[[], bool], told: Callable[[], object]) -> None:
    until = time.monotonic() + BOUND_S
    while not condition():
        assert time.monotonic() < until, told()
        time.sleep(0.1)


@contextmanager
def running(home: Path, outside: Path, **more: str) -> Iterator[Product]:
    outside.mkdir(exist_ok=True)
    (home / "dags").mkdir(parents=True)
    (home / "dags" / "file.py").write_text(DAG_FILE.format(outside=str(outside)))
    more |= {"TRADEWIND_ADMIN_PASSWORD": "secret", "TMPDIR": str(outside)}
    with Standalone(home, **more) as standalone:
        standalone.wait_for_dags("three")
        yield Product(standalone, outside)


def fails_and_recovers(product: Product, fail: Callable[[], None], mend: Callable[[], None]) -> str:
    """The story of every failure; what health said meanwhile."""
    product.trigger("r1")
    wait_for(lambda: product.ran() == ["first"], product.ran)
    fail()
    product.let_first_end()
    wait_for(lambda: not product.health()["ready"], product.health)
    problems = "; ".join(product.health()["problems"])
    status, text = product.refusal("r2")
    assert status == 503
    assert "Traceback" not in text
    assert "detail" in json.loads(text)
    assert product.ran() == ["first"], "nothing is dispatched that is not committed"
    mend()
    wait_for(lambda: product.health()["ready"], product.health)
    wait_for(lambda: product.state("r1") == "success", lambda: product.state("r1"))
    assert product.ran() == ["first", "second", "third 21"]
    assert product.tries("r1") == {1}
    assert product.run_ids() == {"r1"}, "what was answered with 503 must not come later"
    product.trigger("r3")
    wait_for(lambda: product.state("r3") == "success", lambda: product.state("r3"))
    return problems


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 24 MiB."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only root may mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.slow
def test_a_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        filler = disk / "filler"

        def fill() -> None:
            with filler.open("wb", buffering=0) as file:
                for size in (1 << 20, 1 << 12, 1):
                    try:
                        while file.write(b"x" * size) == size:
                            pass
                    except OSError:
                        continue

        with running(disk / "home", tmp_path / "outside") as product:
            problems = fails_and_recovers(product, fill, filler.unlink)
        assert "disk is full" in problems


def test_a_postgresql_that_is_stopped_and_started(tmp_path: Path) -> None:
    with postgresql.running(durable=True) as server:
        url = server.url(server.create())
        more = {"TRADEWIND__DATABASE__URL": url}
        with running(tmp_path / "home", tmp_path / "outside", **more) as product:
            problems = fails_and_recovers(product, server.stop, server.start)
        assert "connection" in problems


@pytest.mark.slow
def test_a_lock_held_for_long(tmp_path: Path) -> None:
    with running(tmp_path / "home", tmp_path / "outside") as product:
        other = sqlite3.connect(tmp_path / "home" / "tradewind.db", isolation_level=None)
        problems = fails_and_recovers(
            product, lambda: other.execute("BEGIN IMMEDIATE") and None, other.rollback
        )
        other.close()
    assert "database is locked" in problems

"""`tradewind standalone` as a whole: ready soon, told clearly, gone without a trace."""

import json
import os
import select
import signal
import socket
import time
import urllib.request
from pathlib import Path

import pytest

from tests.acceptance.product import (
    Standalone,
    command,
    descendants,
    is_alive,
    using,
)
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.acceptance

SLEEPER = """
import subprocess
from datetime import datetime
from pathlib import Path
from tradewind import DAG, task

with DAG("sleeper", start_date=datetime(2024, 1, 1), schedule=None):
    @task
    def sleep():
        with subprocess.Popen(["sleep", "600"]) as child:
            Path(__file__).with_name("started").touch()

    sleep()
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home" / "dags").mkdir(parents=True)
    return tmp_path / "home"


def test_from_an_empty_home_to_ready_and_away(home: Path) -> None:
    with Standalone(home) as product:
        assert "Log in as admin with the password " in product.said
        password = (home / "admin-password").read_text().strip()
        assert product.said.count(password) == 1
        assert (home / "admin-password").stat().st_mode & 0o077 == 0
        with urllib.request.urlopen(
            f"{product.url}/api/v2/monitor/health", timeout=PATIENCE_S
        ) as answer:
            health = json.load(answer)
        assert health["scheduler"]["status"] == health["dag_processor"]["status"] == "healthy"
        for name in ("scheduler", "dag-processor", "api-server"):
            assert (home / "logs" / f"{name}.log").exists()
        processes = descendants(product.pid)
        titles = {Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0") for pid in processes}
        assert {f"tradewind: {name}" for name in ("scheduler", "dag-processor", "api-server")} <= (
            titles
        )
        assert product.stop() == 0
    assert not [pid for pid in processes if is_alive(pid)]
    assert not using(home)
    with Standalone(home) as again:
        assert password not in again.said


def test_the_password_may_be_given(home: Path) -> None:
    with Standalone(home, TRADEWIND_ADMIN_PASSWORD="correct horse") as product:
        assert not (home / "admin-password").exists()
        body = json.dumps({"username": "admin", "password": "correct horse"}).encode()
        request = urllib.request.Request(
            f"{product.url}/auth/token", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            assert json.load(answer)["access_token"]


def run_sleeper(product: Standalone) -> dict[int, str]:
    """Start a task that sleeps, in a process of its own; every process of ours, by name."""
    product.wait_for_dags("sleeper")
    product.run("dags", "unpause", "sleeper")
    product.run("dags", "trigger", "sleeper")
    until = time.monotonic() + PATIENCE_S
    while not (product.home / "dags" / "started").exists():
        assert time.monotonic() < until, product.run("dags", "list-runs", "sleeper").stdout
        time.sleep(0.02)
    processes = descendants(product.pid)
    titles = {pid: Path(f"/proc/{pid}/cmdline").read_text() for pid in processes}
    assert any("tradewind: task sleeper.sleep" in title for title in titles.values()), titles
    assert any("tradewind: supervisor" in title for title in titles.values()), titles
    return titles


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_no_process_though_a_task_runs(home: Path, number: int) -> None:
    (home / "dags" / "sleeper.py").write_text(SLEEPER)
    with Standalone(home) as product:
        titles = run_sleeper(product)
        assert product.stop(number) == 0
    assert not {pid: title for pid, title in titles.items() if is_alive(pid)}
    assert not using(home)


def test_being_killed_leaves_no_process_though_a_task_runs(home: Path) -> None:
    (home / "dags" / "sleeper.py").write_text(SLEEPER)
    with Standalone(home) as product:
        processes = {os.pidfd_open(pid): title for pid, title in run_sleeper(product).items()}
        os.kill(product.pid, signal.SIGKILL)
        for process, title in processes.items():
            assert select.select([process], [], [], PATIENCE_S)[0], title
            os.close(process)
    assert not using(home)


def test_a_killed_component_is_started_again(home: Path) -> None:
    with Standalone(home) as product:
        (victim,) = [
            pid
            for pid in descendants(product.pid)
            if Path(f"/proc/{pid}/cmdline").read_text().startswith("tradewind: dag-processor")
        ]
        os.kill(victim, signal.SIGKILL)
        product.wait_for("dag-processor was killed by signal 9; it is started again in 1 s")
        product.wait_for("dag-processor started again")


def test_a_taken_port_is_one_line(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = command(home, "standalone", "--port", port, exit_code=1).stderr
    assert said.startswith(f"Error: cannot listen on 127.0.0.1:{port}")
    assert len(said.splitlines()) == 1
    assert not using(home)


def test_a_second_one_on_the_same_database_names_the_first(home: Path) -> None:
    with Standalone(home) as first:
        second = command(home, "standalone", "--port", "0", exit_code=1)
        assert "Error: a scheduler runs on this database already, pid" in second.stderr
        assert "is ready" not in second.stdout
        assert first.stop() == 0

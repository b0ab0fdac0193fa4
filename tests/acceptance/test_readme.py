"""The README is true: its links lead somewhere, and its commands, run as they stand, do what it says.

Only places are replaced, by those of the test: see `Places`.
"""

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.acceptance.product import command, descendants, environment, is_alive, using
from tests.patience import PATIENCE_S
from tradewind.config.load import load_settings
from tradewind.model.states import RunState
from tradewind.testing.engine import run_dag

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS: list[str] = re.findall(r"^```bash\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
WITHIN_S = 240.0
"""How long a block may take, far above what it does: the machine may be busy."""
UNFINISHED = {"queued", "running"}
DAY_RUN = "backfill__2013-01-06T00:00:00+00:00"
"""The run of 5 January."""


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert not [link for link in links if "://" not in link and not (ROOT / link).exists()]


def test_the_first_example_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (text,) = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    path = tmp_path / "dags" / "hello.py"
    path.parent.mkdir()
    path.write_text(text)
    done = run_dag(path, settings=load_settings({"TRADEWIND_HOME": str(tmp_path)}))
    assert done.state is RunState.SUCCESS
    assert "HELLO" in capsys.readouterr().out


@dataclass(frozen=True, slots=True)
class Places:
    """Where the test has what the README names."""

    home: Path
    port: int
    postgresql: str

    def put_into(self, text: str) -> str:
        """The README's commands with the test's own home, port, programs and PostgreSQL."""
        for written, here in {
            "$PWD/.home": str(self.home),
            ".home/": f"{self.home}/",
            "$PWD/.venv/bin": str(Path(sys.executable).parent),
            "127.0.0.1:8080": f"127.0.0.1:{self.port}",
            "postgres://user:password@127.0.0.1:5432/flights": f"'{self.postgresql}'",
        }.items():
            assert written in README
            text = text.replace(written, here)
        return text


class Terminal:
    """One bash that runs blocks one after the other and keeps what they set."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._left = list(BLOCKS[1:])
        self._bash = subprocess.Popen(
            ["bash", "-e", "-o", "pipefail"],
            cwd=ROOT,
            env={**environment(places.home), "NO_COLOR": "1", "COLUMNS": "200"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        # What the README sets is all there is.
        self._say("unset TRADEWIND_HOME")

    @property
    def has_run_everything(self) -> bool:
        return not self._left

    def run_next(self, begins: str) -> str:
        """Run the README's next block, which begins so; what it said."""
        block = self._left.pop(0)
        assert block.startswith(begins), f"the README goes on with\n{block}"
        return self._say(self._places.put_into(block))

    def run_again(self, begins: str) -> str:
        """Run the first line of the README that begins so once more."""
        lines = (line for block in BLOCKS for line in block.splitlines())
        return self._say(
            self._places.put_into(next(line for line in lines if line.startswith(begins)))
        )

    def close(self) -> None:
        assert self._bash.stdin is not None
        self._bash.stdin.close()
        if self._bash.poll() is None:
            # A command that hangs ends with its shell.
            os.killpg(self._bash.pid, signal.SIGKILL)
        self._bash.wait()
        assert self._bash.stdout is not None
        self._bash.stdout.close()

    def _say(self, commands: str) -> str:
        assert self._bash.stdin is not None
        self._bash.stdin.write(f"{commands}\nprintf '\\0'\n".encode())
        self._bash.stdin.flush()
        said, whole = read_until("\0", self._bash, WITHIN_S)
        assert whole, f"{commands}\nended the shell, or took more than {WITHIN_S} s:\n{said}"
        return said.removesuffix("\0")


def read_until(text: str, process: "subprocess.Popen[bytes]", within_s: float) -> tuple[str, bool]:
    """What the process says until it has said `text`, and whether it has."""
    assert process.stdout is not None
    said = b""
    deadline = time.monotonic() + within_s
    while text.encode() not in said:
        left_s = max(deadline - time.monotonic(), 0)
        if not select.select([process.stdout], [], [], left_s)[0]:
            return said.decode(), False
        block = os.read(process.stdout.fileno(), 65536)
        if not block:
            return said.decode(), False
        said += block
    return said.decode(), True


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.fixture
def places(tmp_path: Path, postgresql_url: str) -> Places:
    return Places(home=tmp_path / "home", port=free_port(), postgresql=postgresql_url)


@pytest.fixture
def make_run(places: Places) -> Iterator["subprocess.Popen[bytes]"]:
    """`make run` in a first terminal; its setup is not made again, the tests stand on it."""
    process = subprocess.Popen(
        ["make", "--no-print-directory", "-o", "setup", "run"],
        cwd=ROOT,
        env=environment(
            places.home,
            TRADEWIND__API__PORT=str(places.port),
            TRADEWIND__CORE__DAGS_FOLDER=str(ROOT / "examples"),
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        said, ready = read_until("Ctrl-C stops everything", process, WITHIN_S)
        assert ready, said
        assert f"http://127.0.0.1:{places.port}" in said
        assert (places.home / "admin-password").read_text().strip() in said
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=PATIENCE_S)


@pytest.fixture
def terminal(places: Places) -> Iterator[Terminal]:
    with closing(Terminal(places)) as opened:
        yield opened


def repeat(question: Callable[[], str], wanted: str, while_in: set[str]) -> None:
    """Ask until the answer is `wanted`; anything but the words of `while_in` before is wrong."""
    deadline = time.monotonic() + WITHIN_S
    while (answer := question().strip()) != wanted:
        assert answer in while_in, answer
        assert time.monotonic() < deadline, answer


def documents(said: str) -> list[Any]:
    """The JSON documents that follow one another in `said`."""
    decoder = json.JSONDecoder()
    found = []
    while said := said.strip():
        document, end = decoder.raw_decode(said)
        found.append(document)
        said = said[end:]
    return found


@pytest.mark.acceptance
@pytest.mark.slow
def test_the_walk_through(
    make_run: "subprocess.Popen[bytes]", terminal: Terminal, places: Places
) -> None:
    def state_of_the_day() -> str:
        said = terminal.run_again("tradewind dags list-runs")
        ((run_id, state),) = [line.split() for line in said.splitlines() if "__" in line]
        assert run_id == DAY_RUN
        return state

    def state_of_the_latest() -> str:
        (answer,) = documents(terminal.run_again("tradewind_api 'dags/hello/dagRuns?"))
        (latest,) = answer["dag_runs"]
        assert latest["dag_run_id"] == triggered["dag_run_id"]
        return str(latest["state"])

    assert BLOCKS[0] == "make run\nmake test\n"
    terminal.run_next("export PATH=")
    said = terminal.run_next("tradewind dags list")
    assert {"hello", "nyc_flights", "nyc_flights_monthly"} <= set(said.split())
    assert "The run of hello succeeded" in said

    said = terminal.run_next("tradewind dags unpause nyc_flights\n")
    assert len(re.findall(r"^\[\d+/31\] backfill__\S+ success$", said, re.MULTILINE)) == 31
    assert "31 success" in said
    assert terminal.run_next('python3 -c "import sqlite3').strip() == "27004"

    said = terminal.run_next("tradewind tasks clear")
    assert "Cleared 5 task instances" in said
    repeat(state_of_the_day, "success", while_in=UNFINISHED)
    listing = ("tasks", "states-for-dag-run", "nyc_flights", DAY_RUN, "-o", "json")
    tasks = json.loads(command(places.home, *listing).stdout)
    assert [task["try_number"] for task in tasks] == [2] * 5
    assert terminal.run_again('python3 -c "import sqlite3').strip() == "27004"

    said = terminal.run_next("tradewind dags unpause nyc_flights_monthly")
    assert "2013-01.png" in said.split()
    assert f"Running command: ls -l {places.home}/nyc_flights/charts/2013-01.png" in said
    chart = (places.home / "nyc_flights" / "charts" / "2013-01.png").read_bytes()
    assert chart.startswith(b"\x89PNG\r\n\x1a\n")

    listed, unpaused, triggered, _ = documents(terminal.run_next("token="))
    assert [dag["dag_id"] for dag in listed["dags"]] == ["hello", "nyc_flights"]
    assert unpaused["is_paused"] is False
    repeat(state_of_the_latest, "success", while_in=UNFINISHED)

    said = terminal.run_next("tradewind plan")
    assert re.search(r"^hello\s+@daily", said, re.M) and "events were played" in said

    assert "nyc_warehouse" in terminal.run_next("tradewind connections add")
    terminal.run_again("tradewind tasks clear")
    repeat(state_of_the_day, "success", while_in=UNFINISHED)
    with psycopg.connect(places.postgresql) as warehouse:
        assert warehouse.execute(
            "SELECT day::text, count(*) FROM flight GROUP BY 1"
        ).fetchall() == [("2013-01-05", 720)]
    assert terminal.has_run_everything

    processes = descendants(make_run.pid)
    assert len(processes) >= 3
    os.killpg(make_run.pid, signal.SIGINT)
    make_run.communicate(timeout=PATIENCE_S)
    assert not [pid for pid in processes if is_alive(pid)]
    assert not using(places.home)

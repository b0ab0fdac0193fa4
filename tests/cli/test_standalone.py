"""What `standalone` does with its components, whatever they are."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.patience import PATIENCE_S
from tradewind.cli.standalone import url_of
from tradewind.model.errors import UserError
from tradewind.server.listening import listen

Started = subprocess.Popen[str]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Started]]:
    """Start a case of tests/cli/parts.py in a session of its own."""
    begun: list[Started] = []

    def start_(case: str) -> Started:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.parts", case, str(tmp_path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        begun.append(process)
        return process

    yield start_
    for process in begun:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=PATIENCE_S)


def read_until(process: Started, text: str) -> str:
    """Its output up to the line that contains `text`."""
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if text in line:
            return seen
    raise AssertionError(f"{text!r} was not said:\n{seen}")


def children_of(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_lines_are_prefixed_and_kept(start: Callable[[str], Started], tmp_path: Path) -> None:
    process = start("quiet")
    seen = read_until(process, "READY") + "\n"
    if "second line" not in seen:
        seen += read_until(process, "second line")
    assert "part       | first line\n" in seen
    assert "part       | second line\n" in seen
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=PATIENCE_S)
    assert "part       | good bye" in rest
    assert process.returncode == 0
    assert (tmp_path / "logs" / "part.log").read_text() == "first line\nsecond line\ngood bye\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_every_process(start: Callable[[str], Started], number: int) -> None:
    process = start("quiet")
    read_until(process, "READY")
    children = children_of(process.pid)
    assert len(children) == 2
    process.send_signal(number)
    process.communicate(timeout=PATIENCE_S)
    assert not any(is_alive(child) for child in children)


def test_impatience_ends_the_deaf(start: Callable[[str], Started]) -> None:
    process = start("deaf")
    read_until(process, "READY")
    process.send_signal(signal.SIGINT)
    read_until(process, "stopping")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0


def test_a_component_that_cannot_start_ends_everything(start: Callable[[str], Started]) -> None:
    process = start("fails")
    seen, _ = process.communicate(timeout=PATIENCE_S)
    assert "part       | cannot work" in seen
    assert "part ended with exit code 1 before it was ready" in seen
    assert process.returncode == 1


def test_what_keeps_it_from_preparing_is_told_and_nothing_runs(
    start: Callable[[str], Started],
) -> None:
    process = start("refuse")
    seen, _ = process.communicate(timeout=PATIENCE_S)
    assert "Refused: not here" in seen
    assert "first line" not in seen
    assert process.returncode == 1


def test_a_starter_that_breaks_down_ends_everything(start: Callable[[str], Started]) -> None:
    process = start("break_down")
    seen, _ = process.communicate(timeout=PATIENCE_S)
    assert "could not be started" in seen
    assert "first line" not in seen
    assert process.returncode == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_can_be_stopped_while_it_prepares(start: Callable[[str], Started], number: int) -> None:
    process = start("dawdle")
    read_until(process, "DAWDLING")
    (starter,) = children_of(process.pid)
    pidfds = [os.pidfd_open(pid) for pid in (starter, *children_of(starter))]
    assert len(pidfds) == 2
    process.send_signal(number)
    process.wait(timeout=PATIENCE_S)
    for pidfd in pidfds:
        assert select.select([pidfd], [], [], PATIENCE_S)[0], "it is still there"
        os.close(pidfd)


def test_a_dead_component_is_started_again(start: Callable[[str], Started]) -> None:
    process = start("killed_once")
    seen = read_until(process, "first line")
    assert "part was killed by signal 9; it is started again in 1 s" in seen
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0


@pytest.mark.parametrize("case", ["quiet", "stubborn"])
def test_nothing_outlives_a_killed_parent(start: Callable[[str], Started], case: str) -> None:
    process = start(case)
    read_until(process, "READY")
    children = [os.pidfd_open(pid) for pid in children_of(process.pid)]
    assert len(children) == 2
    process.kill()
    process.wait(timeout=PATIENCE_S)
    for child in children:
        assert select.select([child], [], [], PATIENCE_S)[0], "it is still there"
        os.close(child)


def test_a_signal_ends_the_stubborn(start: Callable[[str], Started]) -> None:
    process = start("stubborn")
    read_until(process, "READY")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0


def test_a_taken_port_is_one_clear_line(run: Run) -> None:
    taken = listen("127.0.0.1", 0)
    port = taken.getsockname()[1]
    with taken, pytest.raises(UserError, match=f"127.0.0.1:{port}.*--port"):
        listen("127.0.0.1", port)


def test_the_url_is_one_that_can_be_opened() -> None:
    with listen("0.0.0.0", 0) as everywhere:
        port = everywhere.getsockname()[1]
        assert url_of(everywhere, "0.0.0.0") == (f"http://127.0.0.1:{port}", ("127.0.0.1", port))

"""The process as it is started: its name, its end, and what it says when it cannot start."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dag_processor.conftest import World, eventually
from tests.patience import PATIENCE_S

COMMAND = (
    "from tradewind.config.load import load_settings\n"
    "from tradewind.dag_processor.process import main\n"
    "raise SystemExit(main(load_settings()))\n"
)


def start(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND],
        env={**os.environ, "TRADEWIND_HOME": str(home)},
        stderr=subprocess.PIPE,
        text=True,
    )


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.acceptance
def test_it_says_what_it_is_and_ends_with_all_its_processes(world: World) -> None:
    world.write("a.py")
    world.write("slow.py", "# tradewind dag\nimport time\ntime.sleep(600)\n")
    with start(world.settings.home) as process:
        eventually(lambda: world.live() == {"a"})
        assert b"tradewind: dag-processor" in Path(f"/proc/{process.pid}/cmdline").read_bytes()
        (server,) = children(process.pid)
        handles = [os.pidfd_open(pid) for pid in (server, *children(server))]
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
        for handle in handles:
            assert select.select([handle], [], [], PATIENCE_S)[0]
            os.close(handle)
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


@pytest.mark.acceptance
def test_no_process_is_left_when_it_is_killed(world: World) -> None:
    world.write("a.py")
    world.write("slow.py", "# tradewind dag\nimport time\ntime.sleep(600)\n")
    with start(world.settings.home) as process:
        eventually(lambda: world.live() == {"a"})
        (server,) = children(process.pid)
        handles = [os.pidfd_open(pid) for pid in (server, *children(server))]
        process.kill()
        for handle in handles:
            assert select.select([handle], [], [], PATIENCE_S)[0]
            os.close(handle)


def test_without_a_database_it_says_what_to_do(tmp_path: Path) -> None:
    process = start(tmp_path)
    _, stderr = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert stderr.startswith("tradewind dag-processor: ")
    assert "tradewind db migrate" in stderr
    assert stderr.count("\n") == 1

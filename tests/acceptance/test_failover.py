"""Two schedulers on one PostgreSQL: one leads, the other stands by and takes over."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.acceptance.test_scheduler_process import BOUND_S, Home
from tradewind.scheduler.standby import KIND
from tradewind.storage import components
from tradewind.storage.tables import event_log, leader

pytestmark = pytest.mark.acceptance

SCHEDULER = """
import sys
from datetime import timedelta
from tradewind.config.load import load_settings
from tradewind.scheduler import heartbeat
from tradewind.scheduler.process import main
from tradewind.storage import leader
leader.LEASE_S = 3.0  # instead of 30
heartbeat.EVERY = timedelta(seconds=1)
sys.exit(main(load_settings()))
"""


class Pair(Home):
    """Schedulers whose lease is short."""

    def start(self) -> subprocess.Popen[str]:
        with (self.folder / f"scheduler-{len(self.schedulers)}.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", SCHEDULER], env=self.environ, stderr=log, text=True
            )
        self.schedulers.append(process)
        return process

    def holder(self) -> str:
        with self.database.read() as conn:
            return str(conn.execute(sa.select(leader.c.holder)).scalar())

    def leads(self, process: "subprocess.Popen[str]") -> bool:
        return self.holder().endswith(f" {process.pid}")

    def stands_by(self, process: "subprocess.Popen[str]") -> bool:
        with self.database.read() as conn:
            known = components.living(conn)
        return any(one.kind == KIND and one.pid == process.pid for one in known)

    def events(self) -> int:
        with self.database.read() as conn:
            return int(conn.execute(sa.select(sa.func.count()).select_from(event_log)).scalar_one())


@pytest.fixture
def pair(tmp_path: Path, postgresql_url: str) -> Iterator[Pair]:
    made = Pair(tmp_path, TRADEWIND__DATABASE__URL=postgresql_url)
    yield made
    made.close()


def test_a_leader_that_hangs_is_replaced_and_does_nothing_when_it_wakes(pair: Pair) -> None:
    first = pair.start()
    pair.sees(lambda: pair.leads(first))
    second = pair.start()
    pair.sees(lambda: pair.stands_by(second))
    assert pair.leads(first)
    pair.trigger("r1")
    pair.wait_until_second_task_runs()

    first.send_signal(signal.SIGSTOP)
    pair.sees(lambda: pair.leads(second))
    pair.open_gate()
    pair.sees(lambda: pair.is_green("r1"))
    written = pair.events()

    first.send_signal(signal.SIGCONT)
    pair.sees(lambda: pair.stands_by(first))
    assert pair.leads(second)
    assert pair.events() == written
    assert pair.ran() == ["first", "second", "third 21"]
    run = pair.run("r1")
    assert run is not None
    assert {task.try_number for task in run.tasks} == {1}

    # One that is killed is replaced without waiting for its lease; the other goes on leading.
    second.kill()
    second.wait(BOUND_S)
    pair.sees(lambda: pair.leads(first))
    pair.trigger("r2")
    pair.sees(lambda: pair.is_green("r2"))
    first.terminate()
    assert first.wait(BOUND_S) == 0


def test_who_stops_on_purpose_is_followed_at_once(pair: Pair) -> None:
    first = pair.start()
    pair.sees(lambda: pair.leads(first))
    second = pair.start()
    pair.sees(lambda: pair.stands_by(second))
    first.terminate()
    assert first.wait(BOUND_S) == 0
    pair.sees(lambda: pair.leads(second))
    assert not pair.stands_by(first)

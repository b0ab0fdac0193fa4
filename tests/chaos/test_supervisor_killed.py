"""The supervisor alone is killed: whole families of processes go with it, and are tried again."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.acceptance.product import descendants
from tests.chaos import shape
from tests.chaos.scenario import RUN_ID, finish, running, trigger
from tests.chaos.services import SEPARATE, Services, supervisor_of
from tests.chaos.shape import Work
from tests.chaos.witness import Outside, stored_run
from tests.patience import PATIENCE_S
from tests.runtime.processes import is_alive
from tradewind.model.states import TaskState
from tradewind.runtime.journal import start_time_of

pytestmark = pytest.mark.acceptance

FAMILIES = 6


def test_every_process_tree_is_gone_and_every_task_tried_again(tmp_path: Path) -> None:
    journal = tmp_path / "outside"
    works = [Work(f"t{number}", "family", 1, (), False) for number in range(FAMILIES)]
    shape.write(works, tmp_path / "dags", journal, max_active_tasks=FAMILIES)
    services = Services(
        tmp_path,
        {name: SEPARATE[name] for name in ("scheduler", "dag-processor")},
        TRADEWIND__CORE__DAGS_ARE_PAUSED_AT_CREATION="False",
    )
    url = f"sqlite:///{tmp_path / 'tradewind.db'}"
    with running(services):
        trigger(services)
        deadline = time.monotonic() + PATIENCE_S
        while journal.read_text().count("complete") < FAMILIES:
            services.tend()
            assert time.monotonic() < deadline, journal.read_text()
            time.sleep(0.02)
        supervisor = supervisor_of(tmp_path)
        assert supervisor is not None
        family = {pid: start_time_of(pid) for pid in descendants(supervisor)}
        assert len(family) > FAMILIES * 6

        os.kill(supervisor, signal.SIGKILL)
        killed = time.monotonic()
        while left := [pid for pid, born in family.items() if _lives(pid, born)]:
            assert time.monotonic() - killed < PATIENCE_S, f"{left} are left"
            time.sleep(0.01)
        print(f"{len(family)} processes gone after {time.monotonic() - killed:.2f} s")
        finish(services, journal, url)

    run = stored_run(url, RUN_ID)
    assert run is not None
    assert {(task.state, task.try_number) for task in run.tasks} == {(TaskState.SUCCESS, 2)}
    outside = Outside.read(journal, RUN_ID)
    assert all(sorted(tries) == [1, 2] for tries in outside.tries.values())
    assert outside.leftovers() == []


def _lives(pid: int, born: int | None) -> bool:
    return is_alive(pid) and start_time_of(pid) == born

"""A real scheduler with its real supervisor: a run goes green, a crash loses and repeats nothing."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest

from tradewind.config.load import load_settings
from tradewind.executors.local import LocalExecutor
from tradewind.loading.read_file import read_file
from tradewind.model.clock import SystemClock
from tradewind.model.commands import ClearTasks, Command, TriggerRun
from tradewind.model.requests import Request
from tradewind.model.snapshots import RunQuery, RunSnapshot
from tradewind.model.states import RunState
from tradewind.scheduler.stop import wait
from tradewind.storage import bells, dags, fleet, inbox, schema
from tradewind.storage.database import Database

pytestmark = pytest.mark.acceptance

BOUND_S = 240.0
LATER_EPOCH = 1000
SCHEDULER = """
import sys
from tradewind.config.load import load_settings
from tradewind.scheduler.process import main
sys.exit(main(load_settings()))
"""
DAG_FILE = """
from pathlib import Path
from tradewind import DAG, task

HERE = Path(__file__).parent.parent

def note(name):
    with (HERE / "ran.txt").open("a") as file:
        file.write(name + "\\n")

with DAG("three"):
    @task
    def first():
        note("first")
        return 20

    @task
    def second(number):
        note("second")
        (HERE / "arrived").open("w").write("here")
        (HERE / "gate").open().close()
        return number + 1

    @task
    def third(number):
        note(f"third {number}")

    third(second(first()))
"""


FORK_FILE = """
from tradewind import DAG, task

with DAG("fork"):
    @task.branch
    def choose():
        return "left"

    @task.short_circuit
    def stop():
        return False

    @task
    def left(): ...

    @task
    def right():
        raise AssertionError("nobody chose it")

    @task(trigger_rule="all_done")
    def behind():
        raise AssertionError("it is behind what was skipped")

    here, there = left(), right()
    choose() >> [here, there]
    here >> stop() >> behind()
"""


class NoAnswers:
    """The DAG files here ask nothing while they are read."""

    def ask(self, request: Request) -> None:
        raise AssertionError(request)

    def push_xcom(self, key: str, value: object) -> None:
        raise AssertionError(key)


class Home:
    """A home with one DAG, and the schedulers started on it."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder = folder
        self.environ = {
            **os.environ,
            "TRADEWIND_HOME": str(folder),
            "TRADEWIND__CORE__PARALLELISM": "4",
            **environ,
        }
        self.settings = load_settings(self.environ)
        self.database = Database(self.settings.database.url)
        schema.create_or_upgrade(self.database)
        self.bell = bells.listen(self.database, ("changes",), "the test", self.settings.run_folder)
        self.schedulers: list[subprocess.Popen[str]] = []
        for name in ("arrived", "gate"):
            os.mkfifo(folder / name)
        self._arrived = os.open(folder / "arrived", os.O_RDONLY | os.O_NONBLOCK)
        self._gate = -1
        self.load(DAG_FILE)

    def load(self, source: str) -> None:
        path = self.settings.core.dags_folder / "file.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
        parsed = read_file(path, self.settings, NoAnswers())
        assert parsed.error is None, parsed.error
        with self.database.write() as connection:
            dags.record_file(connection, parsed, now=SystemClock().now(), paused_at_creation=False)

    def start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", SCHEDULER],
            env=self.environ,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.schedulers.append(process)
        return process

    def trigger(self, run_id: str, dag_id: str = "three") -> None:
        self.command(TriggerRun(dag_id=dag_id, run_id=run_id, run_after=SystemClock().now()))

    def command(self, command: Command) -> None:
        with self.database.write() as connection:
            inbox.put(connection, command, SystemClock().now())
        bells.ring(self.database, "scheduler")

    def wait_until_second_task_runs(self) -> None:
        assert select.select([self._arrived], [], [], BOUND_S)[0], "the task does not start"

    def open_gate(self) -> None:
        """Let the second task end."""
        self._gate = os.open(self.folder / "gate", os.O_RDWR | os.O_NONBLOCK)

    def ran(self) -> list[str]:
        path = self.folder / "ran.txt"
        return path.read_text().splitlines() if path.exists() else []

    def run(self, run_id: str, dag_id: str = "three") -> RunSnapshot | None:
        with self.database.read() as connection:
            runs, _ = fleet.find_runs(connection, RunQuery(dag_id=dag_id, run_ids=(run_id,)))
        return runs[0] if runs else None

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Look whenever the scheduler has committed something."""
        until = monotonic() + BOUND_S
        while not condition():
            assert wait([self.bell], until - monotonic()), "it takes too long"
            self.bell.drain()

    def sees(self, condition: Callable[[], bool]) -> None:
        """Look again and again, for what rings no bell."""
        until = monotonic() + BOUND_S
        while not condition():
            assert monotonic() < until, "it takes too long"
            wait([], 0.05)

    def is_green(self, run_id: str) -> bool:
        run = self.run(run_id)
        return run is not None and run.state is RunState.SUCCESS

    def close(self) -> None:
        for process in self.schedulers:
            if process.poll() is None:
                process.kill()
            process.communicate()
        supervisor = LocalExecutor(self.settings)
        supervisor.start(LATER_EPOCH)
        supervisor.reconcile(set())
        supervisor.stop(kill_tasks=True)
        for descriptor in (self._arrived, self._gate):
            if descriptor >= 0:
                os.close(descriptor)
        self.bell.close()
        self.database.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.close()


def test_a_run_goes_green(home: Home) -> None:
    scheduler = home.start()
    home.trigger("r1")
    home.open_gate()
    home.wait_for(lambda: home.is_green("r1"))

    assert home.ran() == ["first", "second", "third 21"]
    scheduler.terminate()
    assert scheduler.wait(BOUND_S) == 0


def test_after_kill_9_the_run_is_finished_and_no_task_runs_twice(home: Home) -> None:
    scheduler = home.start()
    home.trigger("r1")
    home.wait_until_second_task_runs()
    scheduler.kill()
    scheduler.wait(BOUND_S)
    home.open_gate()

    home.start()
    home.wait_for(lambda: home.is_green("r1"))

    run = home.run("r1")
    assert run is not None
    assert home.ran() == ["first", "second", "third 21"]
    assert {task.try_number for task in run.tasks} == {1}


def test_tasks_go_on_while_the_scheduler_is_stopped(home: Home) -> None:
    scheduler = home.start()
    home.trigger("r1")
    home.wait_until_second_task_runs()
    scheduler.send_signal(signal.SIGTERM)
    assert scheduler.wait(BOUND_S) == 0
    home.open_gate()

    home.start()
    home.wait_for(lambda: home.is_green("r1"))
    assert home.ran() == ["first", "second", "third 21"]


def test_a_second_scheduler_is_refused(home: Home) -> None:
    first = home.start()
    home.trigger("r1")
    home.wait_for(lambda: home.run("r1") is not None)

    second = home.start()
    _, said = second.communicate(timeout=BOUND_S)

    assert second.returncode == 1
    assert str(first.pid) in said
    assert "Traceback" not in said
    assert first.poll() is None


def test_what_was_left_out_stays_out_after_a_kill_9_and_a_clear(home: Home) -> None:
    home.load(FORK_FILE)
    scheduler = home.start()
    home.trigger("r1", "fork")

    def states(clear_number: int) -> dict[str, str] | None:
        run = home.run("r1", "fork")
        if run is None or run.clear_number < clear_number or run.state is not RunState.SUCCESS:
            return None
        return {task.key.task_id: task.state.value for task in run.tasks}

    home.wait_for(lambda: states(0) is not None)
    expected = {
        "choose": "success",
        "left": "success",
        "right": "skipped",
        "stop": "success",
        "behind": "skipped",
    }
    assert states(0) == expected
    scheduler.kill()
    scheduler.wait(BOUND_S)

    home.start()
    home.command(ClearTasks(dag_id="fork", run_ids=("r1",), task_ids=("right", "behind")))
    home.wait_for(lambda: states(1) is not None)
    assert states(1) == expected

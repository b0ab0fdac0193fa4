"""Several triggerers, as real processes, on one database of either kind: each trigger runs in one of
them, and in another when that is killed."""

import os
import signal
import string
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.product import TRADEWIND, environment
from tests.conformance.storage.builders import (
    a_file,
    a_plan,
    a_run,
    a_task,
    put,
    put_run,
    record,
)
from tests.patience import PATIENCE_S
from tradewind.model.changes import WaitOver, WaitWritten
from tradewind.model.commands import TriggerSaid
from tradewind.model.deferral import Deferral, Waiting
from tradewind.model.keys import TaskKey
from tradewind.model.states import TaskState
from tradewind.storage import bells, components, inbox
from tradewind.storage.database import Database

pytestmark = pytest.mark.acceptance

TRIGGER = """
import asyncio
import os
from pathlib import Path

from airflow.triggers.base import BaseTrigger, TriggerEvent


class Waits(BaseTrigger):
    def __init__(self, folder, what):
        super().__init__()
        self.folder = folder
        self.what = what

    def serialize(self):
        return "waits.Waits", {"folder": self.folder, "what": self.what}

    async def run(self):
        folder = Path(self.folder)
        (folder / f"{self.what} {os.getppid()}").touch()
        try:
            while not (folder / "go").exists():
                await asyncio.sleep(0.02)
        except asyncio.CancelledError:
            (folder / f"{self.what} {os.getppid()}").unlink()
            raise
        yield TriggerEvent(self.what)
"""
NAMES = string.ascii_letters
"""So many that each of two triggerers has some, however they are called."""
ON_BOTH = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True
)


class Crew:
    """Triggerers of one database, and what runs in them: each trigger keeps a file while it runs."""

    def __init__(self, folder: Path, database: Database, url: str) -> None:
        (folder / "dags").mkdir(parents=True)
        (folder / "running").mkdir()
        (folder / "dags" / "waits.py").write_text(TRIGGER)
        self.folder = folder
        self.database = database
        self._environment = environment(folder, TRADEWIND__DATABASE__URL=url)
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a triggerer; returns when it has said that it lives."""
        process = subprocess.Popen([TRADEWIND, "triggerer", *arguments], env=self._environment)
        self._processes.append(process)
        self.sees(lambda: process.pid in self.living())
        return process

    def living(self) -> set[int]:
        with self.database.read() as conn:
            return {one.pid for one in components.living(conn)}

    def defer(self, names: str, queue: str | None = None) -> None:
        """Have task instances wait for triggers."""
        for name in names:
            waiting = Waiting(key=_key(name), trigger=f"1-{ord(name)}", method="go_on")
            kwargs = {"folder": str(self.folder / "running"), "what": name}
            deferral = Deferral(classpath="waits.Waits", kwargs=kwargs, method="go_on", queue=queue)
            put(self.database, WaitWritten(waiting, deferral))
        bells.ring(self.database, "triggers")

    def cancel(self, names: str) -> None:
        """Have task instances wait no more."""
        put(self.database, *(WaitOver(_key(name)) for name in names))
        bells.ring(self.database, "triggers")

    def where(self) -> dict[str, int]:
        """Which trigger runs in which triggerer; those of killed ones do not run."""
        names = [path.name for path in (self.folder / "running").iterdir()]
        alive = {process.pid for process in self._processes if process.poll() is None}
        found = [name.split() for name in names if name != "go"]
        return {name: int(pid) for name, pid in found if int(pid) in alive}

    def go(self) -> None:
        (self.folder / "running" / "go").touch()

    def said(self) -> list[str]:
        """What the triggers have said, sorted."""
        with self.database.read() as conn:
            commands = [command for _, command in inbox.waiting(conn)]
        return sorted(str(one.word.payload) for one in commands if isinstance(one, TriggerSaid))

    def sees(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, (self.where(), self.said(), self.living())
            time.sleep(0.05)

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()


def _key(name: str) -> TaskKey:
    return TaskKey("sales", "r1", name)


@pytest.fixture
def crew(tmp_path: Path, database: Database, database_url: str) -> Iterator[Crew]:
    with database.write() as conn:
        record(conn, a_file(a_plan(task_ids=NAMES)))
    tasks = tuple(a_task(name, state=TaskState.DEFERRED, try_number=1) for name in NAMES)
    put_run(database, a_run(tasks=tasks))
    made = Crew(tmp_path / "home", database, database_url)
    yield made
    made.close()


@ON_BOTH
def test_each_trigger_runs_once_and_goes_on_elsewhere_after_a_kill(crew: Crew) -> None:
    first = crew.start()
    crew.defer(NAMES)
    crew.sees(lambda: crew.where() == dict.fromkeys(NAMES, first.pid))

    second = crew.start()
    crew.sees(lambda: {*crew.where().values()} == both(first, second))
    crew.sees(lambda: len(list((crew.folder / "running").iterdir())) == len(NAMES))

    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    crew.sees(lambda: crew.where() == dict.fromkeys(NAMES, second.pid))
    third = crew.start()
    crew.sees(lambda: {*crew.where().values()} == both(second, third))
    second.terminate()
    second.wait()
    crew.sees(lambda: crew.where() == dict.fromkeys(NAMES, third.pid))
    crew.cancel("ab")
    crew.sees(lambda: set(crew.where()) == set(NAMES) - {*"ab"})

    crew.go()
    crew.sees(lambda: crew.said() == sorted(NAMES[2:]))


@ON_BOTH
def test_triggers_of_a_queue_run_where_it_is_served(crew: Crew) -> None:
    plain, of_two = crew.start(), crew.start("--queues", "east, west")
    crew.defer("ab")
    crew.defer("cd", queue="east")
    crew.defer("ef", queue="north")
    expected = {**dict.fromkeys("ab", plain.pid), **dict.fromkeys("cd", of_two.pid)}
    crew.sees(lambda: crew.where() == expected)

    north = crew.start("--queues=north")
    crew.sees(lambda: crew.where() == expected | dict.fromkeys("ef", north.pid))
    crew.go()
    crew.sees(lambda: crew.said() == list("abcdef"))


def both(one: subprocess.Popen[bytes], other: subprocess.Popen[bytes]) -> set[int]:
    return {one.pid, other.pid}

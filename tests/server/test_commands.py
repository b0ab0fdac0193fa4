"""Giving commands: what becomes of them when nobody answers."""

import dataclasses
import threading
from datetime import timedelta
from multiprocessing.connection import wait
from time import monotonic, sleep
from typing import Any

import pytest

from tests.patience import PATIENCE_S
from tests.scheduler.harness import chain
from tests.server.crew import Crew
from tradewind.config.settings import Settings
from tradewind.core.turn import SLICE
from tradewind.model.commands import ClearTasks, TriggerRun
from tradewind.model.plan import Plan, TaskPlan
from tradewind.server import commands as giving
from tradewind.server.commands import CommandRefused, Commands, NoScheduler, NotTaken
from tradewind.server.heard import ChangesHeard
from tradewind.server.liveness import Liveness
from tradewind.storage import bells, components, inbox
from tradewind.storage.database import Database


@pytest.fixture
def commands(database: Database, settings: Settings, crew: Crew) -> Any:
    crew.load(chain("a"))
    changes = ChangesHeard(database, owner="test", run_folder=settings.run_folder)
    changes.start()
    until = monotonic() + PATIENCE_S
    while changes.count == 0:  # until it listens
        assert monotonic() < until
        bells.ring(database, "changes")
        sleep(0.005)
    clock = crew.ship.clock
    yield Commands(
        database=database,
        clock=clock,
        changes=changes,
        liveness=Liveness(clock=clock),
        timeout_s=PATIENCE_S,
    )
    changes.stop()


def trigger(crew: Crew, run_id: str = "r") -> TriggerRun:
    return TriggerRun(dag_id="chain", run_id=run_id, run_after=crew.ship.clock.now())


def waiting(database: Database) -> int:
    with database.read() as conn:
        return len(inbox.waiting(conn))


def test_the_answer_comes_with_the_bell(
    commands: Commands, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(giving, "_POLL_S", PATIENCE_S)
    assert commands.give(trigger(crew))["run_id"] == "r"


def test_a_refusal_has_its_reason_and_status(commands: Commands, crew: Crew) -> None:
    commands.give(trigger(crew))
    with pytest.raises(CommandRefused, match="r") as caught:
        commands.give(trigger(crew))
    assert caught.value.status == 409


def test_without_an_answer_the_command_is_withdrawn(
    commands: Commands, crew: Crew, database: Database
) -> None:
    crew.rest()
    hurried = dataclasses.replace(commands, timeout_s=0.05)
    with pytest.raises(NotTaken, match=r"0.05 s.*withdrawn"):
        hurried.give(trigger(crew))
    assert waiting(database) == 0


class AnsweredAtTheLastMoment(ChangesHeard):
    """The scheduler answers just as waiting ends."""

    crew: Crew

    @property
    def is_over(self) -> bool:
        assert wait([self.crew.ship.bell], PATIENCE_S)
        self.crew.ship.settle()
        return True


def test_an_answer_at_the_last_moment_counts(
    commands: Commands, crew: Crew, database: Database, settings: Settings
) -> None:
    crew.rest()
    late = AnsweredAtTheLastMoment(database, owner="test", run_folder=settings.run_folder)
    late.crew = crew
    assert dataclasses.replace(commands, changes=late).give(trigger(crew))["run_id"] == "r"


def test_nothing_is_left_when_no_scheduler_is_there(
    commands: Commands, crew: Crew, database: Database
) -> None:
    crew.ship.clock.move_to(crew.ship.clock.now() + timedelta(seconds=31))
    with pytest.raises(NoScheduler, match=r"silent for 31 s"):
        commands.give(trigger(crew))
    with database.write() as conn:
        for component in components.living(conn):
            components.remove(conn, component.id)
    with pytest.raises(NoScheduler, match="no scheduler is running: start `tradewind scheduler`"):
        commands.give(trigger(crew))
    assert waiting(database) == 0


def test_a_server_that_stops_keeps_nobody_waiting(
    commands: Commands, crew: Crew, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(giving, "_POLL_S", PATIENCE_S)
    crew.rest()
    threading.Timer(0.05, commands.changes.give_up).start()
    with pytest.raises(NotTaken, match="stopping"):
        commands.give(trigger(crew))
    assert waiting(database) == 0


def test_the_api_says_503(api: Any, crew: Crew) -> None:
    crew.load(chain("a"))
    crew.ship.clock.move_to(crew.ship.clock.now() + timedelta(seconds=31))
    answer = api.post("/api/v2/dags/chain/dagRuns", json={"logical_date": None})
    assert answer.status_code == 503
    assert "silent" in answer.json()["detail"]


class TakenMeanwhile(ChangesHeard):
    """Waiting ends when the scheduler has done one slice; each later wait sees one more."""

    crew: Crew
    waits = 0
    now_s = 0.0

    def wait_beyond(self, count: int, timeout_s: float) -> int:
        self.waits += 1
        if self.waits == 1:
            assert wait([self.crew.ship.bell], PATIENCE_S)
            self.now_s += timeout_s
        self.crew.ship.scheduler.turn()
        return count + 1


def test_a_command_that_was_taken_is_waited_for(
    commands: Commands,
    crew: Crew,
    database: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However long it takes: it cannot be withdrawn any more."""
    many = 5 * SLICE
    tasks = tuple(TaskPlan(task_id=f"t{number}", runs=False) for number in range(many))
    crew.load(Plan(dag_id="many", tasks=tasks))
    commands.give(TriggerRun(dag_id="many", run_id="r", run_after=crew.ship.clock.now()))
    crew.rest()
    crew.ship.settle()
    slow = TakenMeanwhile(database, owner="slow", run_folder=settings.run_folder)
    slow.crew = crew
    monkeypatch.setattr(giving, "monotonic", lambda: slow.now_s)

    hurried = dataclasses.replace(commands, changes=slow, timeout_s=0.4)
    cleared = hurried.give(ClearTasks(dag_id="many", run_ids=("r",)))

    assert len(cleared["task_instances"]) == many
    assert slow.waits > 2
    assert waiting(database) == 0

"""A scheduler on a real database, with the process boundary played by the test."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from tests.patience import PATIENCE_S
from tradewind.executors.protocol import Question
from tradewind.model.attempts import Attempt, Outcome, Result
from tradewind.model.clock import Clock, ManualClock
from tradewind.model.commands import Command, TriggerRun
from tradewind.model.events import AttemptEnded, AttemptStarted, Event
from tradewind.model.parsed import ParsedFile
from tradewind.model.plan import Plan, TaskPlan
from tradewind.model.requests import Request
from tradewind.model.snapshots import RunQuery, RunSnapshot
from tradewind.model.states import RunState, RunType, TaskState
from tradewind.scheduler.answering import Answering
from tradewind.scheduler.heartbeat import Heartbeat
from tradewind.scheduler.loop import Scheduler
from tradewind.scheduler.sources import Sources
from tradewind.scheduler.stop import wait
from tradewind.scheduler.upkeep import Kept, Upkeep
from tradewind.storage import bells, components, dags, inbox, leader
from tradewind.storage import fleet as stored_fleet
from tradewind.storage.components import Component
from tradewind.storage.database import Database
from tradewind.storage.secrets import Cipher, generate_key

START = datetime(2026, 1, 1, tzinfo=UTC)
ME = Component(id="me", kind="scheduler", hostname="here", pid=os.getpid(), started_at=START)
KEY = generate_key()


@dataclass
class ToldExecutor:
    """Starts nothing; says of each attempt what the test tells it to."""

    clock: Clock
    name: str = "LocalExecutor"
    slots: int = 32
    dispatched: list[Attempt] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)
    acknowledged: list[tuple[str, TaskState]] = field(default_factory=list)
    answers: list[tuple[Any, str | None]] = field(default_factory=list)
    times_answers_changed: int = 0
    messages: list[Event | Question] = field(default_factory=list)
    on_reconcile: Callable[[set[str]], list[Event]] = field(default=lambda tokens: [])

    def __post_init__(self) -> None:
        self._read, self._write = os.pipe()

    def start(self, epoch: int) -> None: ...

    def stop(self, kill_tasks: bool) -> None:
        os.close(self._read)
        os.close(self._write)

    def fileno(self) -> int:
        return self._read

    def receive(self) -> list[Event | Question]:
        messages, self.messages = self.messages, []
        return messages

    def dispatch(self, attempt: Attempt) -> None:
        self.dispatched.append(attempt)

    def kill(self, token: str, reason: str) -> None:
        self.killed.append(token)

    def acknowledge(self, token: str, state: TaskState) -> None:
        self.acknowledged.append((token, state))

    def flush(self) -> None:
        """Every order is given at once."""

    def answer(self, question: Question, data: Any = None, *, error: str | None = None) -> None:
        self.answers.append((data, error))

    def answers_changed(self) -> None:
        self.times_answers_changed += 1

    def reconcile(self, tokens: set[str]) -> list[Event]:
        return self.on_reconcile(tokens)

    # What the test says:

    def attempt(self, task_id: str) -> Attempt:
        """The latest attempt of a task."""
        return [attempt for attempt in self.dispatched if attempt.key.task_id == task_id][-1]

    def starts(self, task_id: str) -> None:
        self.messages.append(
            AttemptStarted(self.attempt(task_id).token, 4711, "here", self.clock.now())
        )

    def ends(self, task_id: str, result: Result = Result.SUCCESS, **facts: Any) -> None:
        outcome = Outcome(result=result, end_date=self.clock.now(), **facts)
        self.messages.append(AttemptEnded(self.attempt(task_id).token, outcome))

    def runs(self, task_id: str, result: Result = Result.SUCCESS, **facts: Any) -> None:
        self.starts(task_id)
        self.ends(task_id, result, **facts)

    def asks(self, task_id: str, request: Request) -> None:
        self.messages.append(Question(self.attempt(task_id).token, 1, request))


def chain(*task_ids: str, dag_id: str = "chain", **facts: Any) -> Plan:
    """A DAG of tasks one after the other."""
    upstream = [(), *((task_id,) for task_id in task_ids)]
    return Plan(
        dag_id=dag_id,
        start_date=START,
        tasks=tuple(
            TaskPlan(task_id=task_id, upstream=above, **facts)
            for task_id, above in zip(task_ids, upstream, strict=False)
        ),
    )


def parsed(*plans: Plan) -> ParsedFile:
    return ParsedFile(
        fileloc="/dags/file.py",
        relative_fileloc="file.py",
        plans=plans,
        code_hash="c0de",
        source_code="...",
    )


class Ship:
    """A scheduler, its database and what the test does to both."""

    def __init__(self, database: Database, run_folder: Path) -> None:
        self.database = database
        self.clock = ManualClock(START + timedelta(days=1))
        self.executor = ToldExecutor(self.clock)
        self.run_folder = run_folder
        self._listening: list[bells.Bell] = []
        self.bell = self.listen("scheduler")
        self.restart()

    def restart(self) -> None:
        """A new scheduler takes over; the executor's side goes on."""
        sources = Sources(self.database, self.bell)
        epoch = self.take_over()
        self.scheduler = Scheduler(
            database=self.database,
            executor=self.executor,
            sources=sources,
            answering=Answering(self.database, Cipher(KEY), self.clock),
            heartbeat=Heartbeat(self.database, ME, epoch, self.clock),
            upkeep=Upkeep(self.database, epoch, self.clock, Kept()),
            epoch=epoch,
            clock=self.clock,
        )

    def take_over(self) -> int:
        with self.database.write() as connection:
            return leader.take_over(connection, "a test", self.clock.now())

    def settle(self) -> None:
        """Turn until there is nothing left to do."""
        for _ in range(100):
            turn = self.scheduler.turn()
            if not (turn.events or turn.answered or self.executor.messages):
                return
        raise AssertionError("the scheduler does not come to rest")

    def load(self, *plans: Plan) -> None:
        with self.database.write() as connection:
            dags.record_file(
                connection, parsed(*plans), now=self.clock.now(), paused_at_creation=False
            )
        self.ring()

    def ring(self) -> None:
        """Ring the scheduler's bell and wait until it can be heard."""
        bells.ring(self.database, "scheduler")
        assert wait([self.bell], PATIENCE_S)

    def pause(self, dag_id: str, *, paused: bool = True) -> None:
        with self.database.write() as connection:
            dags.set_paused(connection, dag_id, paused)
        self.ring()

    def trigger(self, dag_id: str, run_id: str) -> str:
        return self.command(TriggerRun(dag_id=dag_id, run_id=run_id, run_after=self.clock.now()))

    def command(self, command: Command) -> str:
        command_id = self.put(command)
        self.ring()
        return command_id

    def put(self, command: Command) -> str:
        """Leave a command in the inbox without a word to the scheduler."""
        with self.database.write() as connection:
            return inbox.put(connection, command, self.clock.now())

    def outcome(self, command_id: str) -> Any:
        with self.database.read() as connection:
            return inbox.outcome(connection, command_id)

    def problem(self) -> str | None:
        """What the health page says of this scheduler."""
        with self.database.read() as connection:
            return next((one.problem for one in components.living(connection)), None)

    def sees(self, condition: Callable[[], bool], bound_s: float = PATIENCE_S) -> bool:
        """Look again and again, for what rings no bell."""
        until = monotonic() + bound_s
        while not condition():
            if monotonic() > until:
                return False
            wait([], 0.01)
        return True

    def runs(self, run_type: RunType) -> list[RunSnapshot]:
        with self.database.read() as connection:
            runs, _ = stored_fleet.find_runs(connection, RunQuery(dag_id="chain"))
        return [run for run in runs if run.run_type is run_type]

    def run(self, run_id: str, dag_id: str = "chain") -> RunSnapshot:
        with self.database.read() as connection:
            runs, _ = stored_fleet.find_runs(connection, RunQuery(dag_id=dag_id, run_ids=(run_id,)))
        (run,) = runs
        return run

    def run_state(self, run_id: str) -> RunState:
        return self.run(run_id).state

    def states(self, run_id: str) -> dict[str, TaskState]:
        return {task.key.task_id: task.state for task in self.run(run_id).tasks}

    def listen(self, topic: str) -> bells.Bell:
        bell = bells.listen(self.database, (topic,), f"test-{topic}", self.run_folder)
        self._listening.append(bell)
        return bell

    def hears(
        self, bell: bells.Bell, condition: Callable[[], bool], bound_s: float = PATIENCE_S
    ) -> bool:
        """Wait for rings of `bell` until the condition holds."""
        until = monotonic() + bound_s
        while not condition():
            if not wait([bell], max(0.0, until - monotonic())):
                return False
            bell.drain()
        return True

    def close(self) -> None:
        for bell in self._listening:
            bell.close()
        self.executor.stop(True)

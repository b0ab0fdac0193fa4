"""What becomes of a random DAG's tasks here: the core decides, the store in memory remembers.

Tasks run in this process, one at a time, in the order that `sketch.place` says. Time does not pass
by itself; what is due later comes due when nothing else is left to do.
"""

from datetime import UTC, datetime
from pathlib import Path
from random import seed
from typing import Any

from tests.oracle.outcomes.sketch import Step, place
from tradewind.authoring.dag import DAG
from tradewind.config.load import load_settings
from tradewind.core.abilities import not_yet
from tradewind.core.decide import decide
from tradewind.core.fleet import Fleet
from tradewind.core.needs import needs
from tradewind.model.attempts import Attempt, Outcome, Result
from tradewind.model.changes import (
    Change,
    CommandAnswered,
    Dispatch,
    EndAcknowledged,
    Kill,
    XComsCleared,
    XComWritten,
)
from tradewind.model.commands import ClearTasks, Command, TriggerRun
from tradewind.model.events import AttemptEnded, CommandGiven, DagLoaded, Event, SlotsChanged, Tick
from tradewind.model.keys import CHOICE, TaskKey
from tradewind.model.snapshots import RunQuery
from tradewind.model.states import TaskState
from tradewind.storage import commit, dags, inbox, leader, schema
from tradewind.storage import fleet as stored_fleet
from tradewind.storage.database import Database
from tradewind.testing.answers import TestAnswers
from tradewind.testing.execution import InlineExecution
from tradewind.testing.skipping_clock import SkippingClock
from tradewind.testing.subject import find

_SLOTS = 1000
_ROUNDS = 400


class NotYet(Exception):
    """The engine refuses this DAG."""


def play(
    number: int, story: list[Step], editions: list[Path], dag_id: str | None = None
) -> dict[str, Any]:
    """What became of every task, run by run. Raises NotYet where the engine says so.

    `dag_id` is asked for where the file has several DAGs.
    """
    database = Database.in_memory()
    try:
        schema.create_or_upgrade(database)
        return _Player(number, database, editions, dag_id).play(story)
    finally:
        database.close()


class _Player:
    def __init__(
        self, number: int, database: Database, editions: list[Path], dag_id: str | None
    ) -> None:
        self._seed = number
        self._dag_id = dag_id
        self._database = database
        self._editions = editions
        self._clock = SkippingClock()
        self._settings = load_settings()
        self._answers = TestAnswers(database, None)
        self._attempts: dict[str, Attempt] = {}
        self._xcoms: dict[TaskKey, dict[str, Any]] = {}
        self._refusals: list[str] = []
        self._under_way: list[str] = []
        with database.write() as connection:
            epoch = leader.take_over(connection, "test", self._clock.now())
            self._fleet = Fleet.build(stored_fleet.load(connection, epoch))
        self._handle(SlotsChanged("LocalExecutor", _SLOTS))
        self._dag = self._load(editions[0])

    def play(self, story: list[Step]) -> dict[str, Any]:
        for step in story:
            match step:
                case ("run", str(run_id), str(date)):
                    self._make(run_id, datetime.fromisoformat(date).replace(tzinfo=UTC))
                case ("go", int(count)):
                    self._go(count)
                case ("finish",):
                    self._go(_ROUNDS)
                case ("clear", str(run_id), list(task_ids), bool(downstream)):
                    self._note_states(run_id)
                    self._command(
                        ClearTasks(
                            dag_id=self._dag.dag_id,
                            run_ids=(run_id,),
                            task_ids=tuple(task_ids),
                            include_downstream=downstream,
                        )
                    )
                case ("file", 2):
                    self._note_states()
                    self._take_back()
                    self._dag = self._load(self._editions[1])
                    self._handle(SlotsChanged("LocalExecutor", _SLOTS))
                case _:
                    raise AssertionError(step)
        return {"under way": self._under_way, "runs": self._result()}

    def _take_back(self) -> None:
        """Airflow queues a task when it runs it: what waits for its turn is only scheduled."""
        self._handle(SlotsChanged("LocalExecutor", 0))
        for token in list(self._attempts):
            del self._attempts[token]
            outcome = Outcome(result=Result.NOT_STARTED, end_date=self._clock.now())
            self._handle(AttemptEnded(token, outcome))

    def _note_states(self, run_id: str | None = None) -> None:
        states = {key: run["state"] for key, run in self._result().items() if run_id in (None, key)}
        self._under_way.append(max(states.values()))

    def _load(self, path: Path) -> DAG:
        """A new edition of the file is what the scheduler goes by."""
        subject = find(path, self._dag_id, self._settings, self._answers)
        missing = not_yet(subject.plan)
        if missing:
            raise NotYet(missing[0])
        with self._database.write() as connection:
            dags.record_file(
                connection, subject.as_parsed(), now=self._clock.now(), paused_at_creation=False
            )
            snapshots = stored_fleet.load(connection, self._fleet.epoch).dags
        (snapshot,) = [one for one in snapshots if one.plan.dag_id == subject.dag.dag_id]
        self._handle(DagLoaded(snapshot))
        self._execute = InlineExecution(subject.dag, self._answers)
        return subject.dag

    def _make(self, run_id: str, date: datetime) -> None:
        self._command(
            TriggerRun(
                dag_id=self._dag.dag_id,
                run_id=run_id,
                run_after=date,
                logical_date=date,
                data_interval_start=date,
                data_interval_end=date,
            )
        )

    def _command(self, command: Command) -> None:
        with self._database.write() as connection:
            command_id = inbox.put(connection, command, self._clock.now())
        self._handle(CommandGiven(command_id, command))
        assert not self._refusals, self._refusals

    def _go(self, count: int) -> None:
        for _ in range(count):
            self._come_due()
            if not self._attempts:
                return
            token = min(self._attempts, key=self._place)
            attempt = self._attempts.pop(token)
            seed(f"{attempt.key.task_id}/{attempt.key.map_index}")
            self._execute(attempt, self._hear)
        self._come_due()

    def _place(self, token: str) -> str:
        attempt = self._attempts[token]
        key = attempt.key
        return place(self._seed, key.run_id, key.task_id, key.map_index, attempt.try_number)

    def _come_due(self) -> None:
        """Retries that wait for no time at all, and what a turn left for the next."""
        while (due := self._fleet.next_wake()) is not None:
            if due > self._clock.now():
                if self._attempts:
                    return
                self._clock.skip_to(due)
            self._handle(Tick())

    def _hear(self, event: Event) -> TaskState | None:
        changes = self._handle(event)
        ends = [change.state for change in changes if isinstance(change, EndAcknowledged)]
        return ends[0] if ends else None

    def _handle(self, event: Event) -> list[Change]:
        now = self._clock.now()
        with self._database.read() as connection:
            for query in needs(self._fleet, event, now):
                self._fleet.admit(*stored_fleet.find_runs(connection, query))
        changes = decide(self._fleet, event, now)
        with self._database.write() as connection:
            commit.write(connection, changes, now)
        for change in changes:
            self._note(change)
        return changes

    def _note(self, change: Change) -> None:
        match change:
            case Dispatch(attempt):
                self._attempts[attempt.token] = attempt
            case Kill(token):
                if self._attempts.pop(token, None) is not None:
                    gone = Outcome(result=Result.FAILED, end_date=self._clock.now())
                    self._handle(AttemptEnded(token, gone))
            case XComWritten(task, key, value):
                self._xcoms.setdefault(task, {})[key] = value
            case XComsCleared(task):
                self._xcoms.pop(task, None)
            case CommandAnswered(applied=False, reason=reason):
                self._refusals.append(str(reason))

    def _result(self) -> dict[str, Any]:
        with self._database.read() as connection:
            runs, _ = stored_fleet.find_runs(connection, RunQuery(dag_id=self._dag.dag_id))
        answer: dict[str, Any] = {}
        for run in runs:
            answer[run.key.run_id] = {
                "state": run.state.value,
                "tasks": {_name(task.key): task.state.value for task in run.tasks},
                "xcoms": {
                    f"{_name(task)} {key}": value
                    for task, found in self._xcoms.items()
                    if task.run_id == run.key.run_id
                    for key, value in found.items()
                    if key != CHOICE
                },
            }
        return answer


def _name(key: TaskKey) -> str:
    return key.task_id if key.map_index < 0 else f"{key.task_id}[{key.map_index}]"

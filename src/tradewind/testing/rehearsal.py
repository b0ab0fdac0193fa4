"""One run of one DAG in this process, by the one engine: core decides, storage remembers.

Tasks are executed one after the other by the runtime's inline runner, what deferred ones wait for
runs beside them. What is durable in production lives in a database in memory here.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tradewind.core.decide import decide
from tradewind.core.fleet import Fleet
from tradewind.core.needs import needs
from tradewind.model.attempts import Attempt
from tradewind.model.changes import (
    Change,
    CommandAnswered,
    Dispatch,
    EndAcknowledged,
    WaitOver,
    WaitWritten,
    XComsCleared,
    XComWritten,
)
from tradewind.model.commands import Command, Respond, TriggerRun, TriggerSaid
from tradewind.model.deferral import Deferral, Waiting
from tradewind.model.errors import Refused
from tradewind.model.events import (
    AttemptEnded,
    AttemptStarted,
    CommandGiven,
    Event,
    SlotsChanged,
    Tick,
)
from tradewind.model.human_input import Person
from tradewind.model.keys import RunKey, TaskKey
from tradewind.model.parsed import ParsedFile
from tradewind.model.snapshots import RunQuery, RunSnapshot, TaskSnapshot
from tradewind.model.states import RUN_FINISHED, RunState, TaskState
from tradewind.storage import commit, dags, inbox, leader
from tradewind.storage import fleet as stored_fleet
from tradewind.storage.database import Database
from tradewind.testing.execution import Say
from tradewind.testing.skipping_clock import SkippingClock
from tradewind.testing.triggers import Triggers

EXECUTOR = "LocalExecutor"
Execute = Callable[[Attempt, Say], Any]
"""Runs an attempt to its end and says what it reports as it happens."""
Responses = Mapping[str, tuple[tuple[str, ...], dict[str, Any]]]
"""By task_id: the options to choose, and the params to fill in."""
SOMEBODY = Person(id="test", name="test")
"""Who answers in a test where anybody may."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """What became of a run."""

    run: RunSnapshot
    xcoms: dict[TaskKey, dict[str, Any]] = field(default_factory=dict)

    @property
    def state(self) -> RunState:
        """Unfinished if nothing could go on: a pool without slots, for instance."""
        return self.run.state

    @property
    def tasks(self) -> dict[TaskKey, TaskSnapshot]:
        return {task.key: task for task in self.run.tasks}


class Rehearsal:
    """A scheduler without processes: events in, Changes committed, attempts executed at once."""

    def __init__(
        self,
        database: Database,
        parsed: ParsedFile,
        *,
        clock: SkippingClock,
        sleep: Callable[[float], None] | None,
        on_change: Callable[[Change], None] | None,
        triggers: Triggers,
        responses: Responses,
    ) -> None:
        """`sleep` waits for what is due later. None: the clock is put forward instead, unless a task
        waits for the world. `responses` answer the tasks that ask a person."""
        self._database = database
        self._triggers = triggers
        self._responses = responses
        self._clock = clock
        self._sleep = sleep
        self._on_change = on_change or (lambda change: None)
        with database.write() as connection:
            epoch = leader.take_over(connection, "test", clock.now())
            dags.record_file(connection, parsed, now=clock.now(), paused_at_creation=False)
            self._fleet = Fleet.build(stored_fleet.load(connection, epoch))
        self._xcoms: dict[TaskKey, dict[str, Any]] = {}
        self._attempts: deque[Attempt] = deque()
        self._refusal: str | None = None
        self._handle(SlotsChanged(EXECUTOR, 1))

    def run(self, trigger: TriggerRun, execute: Execute) -> RunResult:
        """Make a run and take it to its end. Raises Refused if it cannot be made."""
        self._command(trigger)
        if self._refusal is not None:
            raise Refused(self._refusal)
        key = RunKey(trigger.dag_id, trigger.run_id)
        while (run := self._load(key)).state not in RUN_FINISHED:
            if self._attempts:
                execute(self._as_its_process_sees(self._attempts.popleft()), self._hear)
            elif not self._wait():
                break
        return RunResult(run, self._xcoms)

    def _command(self, command: Command) -> None:
        with self._database.write() as connection:
            command_id = inbox.put(connection, command, self._clock.now())
        self._handle(CommandGiven(command_id, command))

    def _hear(self, event: Event) -> TaskState | None:
        """What an attempt says; the answer to its end is what became of the task."""
        if isinstance(event, CommandGiven):
            self._command(event.command)
            return None
        changes = self._handle(self._shifted(event))
        ends = [change.state for change in changes if isinstance(change, EndAcknowledged)]
        return ends[0] if ends else None

    def _handle(self, event: Event) -> list[Change]:
        """One event is one commit, as if the scheduler had nothing else to do."""
        now = self._clock.now()
        with self._database.read() as connection:
            for query in needs(self._fleet, event, now):
                self._fleet.admit(*stored_fleet.find_runs(connection, query))
        changes = decide(self._fleet, event, now)
        with self._database.write() as connection:
            commit.write(connection, changes, now)
        for change in changes:
            self._note(change)
            self._on_change(change)
        return changes

    def _note(self, change: Change) -> None:
        match change:
            case Dispatch(attempt):
                self._attempts.append(attempt)
            case XComWritten(task, key, value):
                self._xcoms.setdefault(task, {})[key] = value
            case XComsCleared(task):
                self._xcoms.pop(task, None)
            case WaitWritten(waiting, deferral) if deferral is not None:
                self._begin_trigger(waiting, deferral)
            case WaitWritten(waiting, None):
                self._triggers.end(waiting.key)
            case WaitOver(task):
                self._triggers.end(task)
            case CommandAnswered(applied=False, reason=reason):
                self._refusal = reason

    def _begin_trigger(self, waiting: Waiting, deferral: Deferral) -> None:
        is_trigger = waiting.at is None and deferral.classpath is not None
        if is_trigger and waiting.trigger is not None:
            task = self._fleet.runs[waiting.key.run].find(*waiting.key[2:])
            assert task is not None
            self._triggers.begin(waiting.trigger, waiting.key, task.try_number, deferral)

    def _wait(self) -> bool:
        """Let time pass until something comes due or a trigger fires. False if nothing ever will."""
        if self._respond(self._responses):
            return True
        due = self._fleet.next_wake()
        if self._triggers.are_running:
            spoke = self._triggers.wait(None if due is None else self._seconds_to(due))
            if spoke is not None:
                key, name, word = spoke
                self._command(TriggerSaid(trigger=name, key=key, word=word))
                return True
        elif due is None:
            return self._respond({}, by_default=True)
        elif self._sleep is not None:
            self._sleep(self._seconds_to(due))
        elif self._waits_for_the_world():
            time.sleep(self._seconds_to(due))
        else:
            self._clock.skip_to(due)
        self._handle(Tick())
        return True

    def _respond(self, responses: Responses, *, by_default: bool = False) -> bool:
        """Answer one of the tasks that ask a person; whether there was one to answer. Raises Refused
        for an answer that it does not take."""
        for key, inquiry in self._fleet.inquiries.items():
            form = inquiry.form
            answer = responses.get(key.task_id)
            if answer is None and by_default and form.defaults is not None:
                answer = form.defaults, form.default_params()
            if answer is None or inquiry.response is not None:
                continue
            who = None if by_default else next(iter(form.assigned_users), SOMEBODY)
            self._refusal = None
            chosen, params = answer
            self._command(Respond(key=key, chosen_options=chosen, params_input=params, person=who))
            if self._refusal is not None:
                raise Refused(f"task {key.task_id}: {self._refusal}")
            return True
        return False

    def _seconds_to(self, due: datetime) -> float:
        return max(0.0, (due - self._clock.now()).total_seconds())

    def _waits_for_the_world(self) -> bool:
        """Whether a task waits that asked to: what it waits for takes its real time."""
        return any(
            task.state in (TaskState.UP_FOR_RESCHEDULE, TaskState.DEFERRED)
            for run in self._fleet.runs.values()
            for task in run.instances()
        )

    def _as_its_process_sees(self, attempt: Attempt) -> Attempt:
        if attempt.began_at is None:
            return attempt
        return replace(attempt, began_at=attempt.began_at - self._clock.skipped)

    def _shifted(self, event: Event) -> Event:
        """The task's process does not know of the time that was skipped."""
        skipped = self._clock.skipped

        def shift(moment: datetime | None) -> datetime | None:
            return moment and moment + skipped

        match event:
            case AttemptStarted():
                return replace(event, at=event.at + skipped)
            case AttemptEnded(outcome=outcome):
                shifted = replace(
                    outcome,
                    start_date=shift(outcome.start_date),
                    end_date=outcome.end_date + skipped,
                    reschedule_at=shift(outcome.reschedule_at),
                    deferral=outcome.deferral
                    and replace(outcome.deferral, at=shift(outcome.deferral.at)),
                )
                return replace(event, outcome=shifted)
        return event

    def _load(self, key: RunKey) -> RunSnapshot:
        with self._database.read() as connection:
            query = RunQuery(dag_id=key.dag_id, run_ids=(key.run_id,))
            (run,), _ = stored_fleet.find_runs(connection, query)
        return run

"""The scheduler's hot loop: drain, decide, commit, dispatch.

Everything that waits is drained, decided on in memory, committed as one transaction, and only
then acted upon: durable before visible. No scheduling rule (`core`), SQL (`storage`) or process
handling (`executors`) is in here.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import NoReturn

from tradewind.core.decide import decide
from tradewind.core.fleet import Fleet
from tradewind.core.needs import needs
from tradewind.executors.protocol import Executor, Question
from tradewind.model.changes import Change
from tradewind.model.clock import Clock
from tradewind.model.errors import EnvironmentFailure
from tradewind.model.events import Event, SlotsChanged, Tick
from tradewind.scheduler import trouble
from tradewind.scheduler.answering import Answering
from tradewind.scheduler.heartbeat import Heartbeat
from tradewind.scheduler.orders import TurnReport, count_rows, give_orders
from tradewind.scheduler.sources import SAFETY_LOOK, Sources, can_be_read_early
from tradewind.scheduler.stop import Stop, wait
from tradewind.scheduler.upkeep import Upkeep
from tradewind.storage import commit
from tradewind.storage import fleet as stored_fleet
from tradewind.storage.database import Database

EVENTS_PER_TURN = 500
ROWS_PER_TURN = 500
DECIDING_S_PER_TURN = 0.05
"""A turn that is longer would hold the write lock, and everybody's answers, for too long."""
READ_ANEW = 10
"""More events than waited before may wait when the fleet has been loaded anew."""


@dataclass(kw_only=True)
class Scheduler:
    """Runs the fleet of unfinished runs under one epoch of leadership."""

    database: Database
    executor: Executor
    sources: Sources
    answering: Answering
    heartbeat: Heartbeat
    upkeep: Upkeep
    epoch: int
    clock: Clock

    def __post_init__(self) -> None:
        self._fleet = Fleet(self.epoch)
        self._is_stale = True  # the fleet is to be loaded from the store before the next event
        self._waiting: deque[Event] = deque()
        self._questions: deque[Question] = deque()
        self._singly = 0  # so many events get a turn each, because a turn of several failed

    def run(self, stop: Stop) -> None:
        """Take turns until `stop` is set; sleep while there is nothing to do.

        When a transaction fails nothing has been dispatched: what waits is decided on anew, on a
        fleet that is loaded from the store. Raises LeadershipLost.
        """
        failing = trouble.Trouble()
        while not stop.is_set():
            try:
                turn = self.turn()
                if turn.rows:
                    failing.is_over()
                self.heartbeat.beat(failing.problem(self.clock.now()))
                if not turn.events:
                    self._rest(stop)
            except trouble.TROUBLE as error:
                pause_s = failing.note(error, self.clock.now())
                self.heartbeat.report(failing.problem(self.clock.now()))
                wait([stop], pause_s)

    def turn(self) -> TurnReport:
        """Drain, decide, commit, dispatch: once.

        What is raised before the commit leaves all of it to be repeated. After it the events are
        done: `_rebuild` asks the executor what became of every order.
        """
        if self._is_stale:
            self._rebuild()
        self._is_stale = True  # should anything below fail
        if not self._waiting:
            self._drain()
        started = perf_counter()
        taken, changes = self._decide()
        decided = perf_counter()
        try:
            rows = self._commit(changes)
        except Exception as error:
            self._doubt(taken, changes, error)
            raise
        committed = perf_counter()
        for _ in range(taken):
            self._waiting.popleft()
        self._singly = max(0, self._singly - taken)
        dispatched = give_orders(self.executor, changes)
        if changes:
            self.sources.ring_changes(self.clock.now(), changes)
        answered = self._answer()
        self._is_stale = False
        return TurnReport(taken, rows, dispatched, answered, decided - started, committed - decided)

    def _rebuild(self) -> None:
        """Load the fleet from the store, and learn what became of the attempts it has in flight.

        What attempts said is kept; their tokens make it harmless to hear it twice.
        """
        with self.database.write() as connection:
            trouble.lead_or_leave(connection, self.epoch)
        with self.database.read() as connection:
            snapshot = stored_fleet.load(connection, self.epoch)
        self._fleet = Fleet.build(snapshot, serial=self._fleet.serial)
        slots = SlotsChanged(self.executor.name, self.executor.slots)
        self._waiting = deque([slots, *trouble.said_by_attempts(self._waiting)])
        self._hear(self.executor.reconcile(set(self._fleet.in_flight())))
        for token in self._fleet.cleared():  # the order may have been lost after its commit
            self.executor.kill(token, "its task was cleared")
        self.executor.flush()
        self._waiting.append(Tick())
        self.sources.look_again(snapshot)

    def _drain(self) -> None:
        """Take in all that waits: reports of attempts, commands, changed DAGs, due times."""
        self._hear(self.executor.receive())
        now = self.clock.now()
        self._waiting.extend(self.sources.read(self._fleet, now, self.executor))
        due = self._fleet.next_wake()
        if due is not None and due <= now:
            self._waiting.append(Tick())

    def _hear(self, messages: Iterable[Event | Question]) -> None:
        for message in messages:
            if isinstance(message, Question):
                self._questions.append(message)
            else:
                self._waiting.append(self.answering.seal(message))

    def _decide(self) -> tuple[int, list[Change]]:
        """Decide on as many waiting events as one turn may hold: how many, and the Changes."""
        taken = rows = 0
        changes: list[Change] = []
        now = self.clock.now()
        until = perf_counter() + DECIDING_S_PER_TURN
        most = 1 if self._singly else EVENTS_PER_TURN
        for event in self._waiting:
            if taken >= most or rows >= ROWS_PER_TURN or perf_counter() > until:
                break
            try:
                queries = needs(self._fleet, event, now)
                if queries and changes and not can_be_read_early(event, changes):
                    break  # what it needs is read when all that was decided before is in the store
                for query in queries:
                    with self.database.read() as connection:
                        self._fleet.admit(*stored_fleet.find_runs(connection, query))
                made = decide(self._fleet, event, now)
            except Exception as error:
                if isinstance(error, trouble.TROUBLE) and not trouble.is_about_its_rows(error):
                    raise
                self._set_aside(event, error)
            changes += made
            rows += count_rows(made)
            taken += 1
        return taken, changes

    def _doubt(self, taken: int, changes: list[Change], error: Exception) -> None:
        """A commit failed. If the database is away, all is repeated as it is. Else each event gets
        a turn of its own, so that a stale row concerns one event alone, and one whose rows can
        never be written is set aside: a command is refused, an attempt fails for good.
        """
        if isinstance(error, EnvironmentFailure):
            return
        self._singly = len(self._waiting) + READ_ANEW
        if taken == 1 and (culprit := trouble.at_fault(self._waiting[0], changes, error)):
            self._set_aside(self._waiting[0], culprit)
        if not isinstance(error, trouble.TROUBLE):
            raise trouble.SetAside(str(error)) from error

    def _set_aside(self, event: Event, error: Exception) -> NoReturn:
        """Go on without what is at fault; raises SetAside, for the fleet must be loaded anew."""
        if not trouble.is_about_a_slice(error):
            self._waiting.remove(event)
            self._waiting.extend(trouble.instead_of(event, error))
        self._singly = len(self._waiting) + READ_ANEW
        self._commit(trouble.report_bug(event, error))
        raise trouble.SetAside(str(error)) from error

    def _commit(self, changes: list[Change]) -> int:
        """Write all rows in one transaction, which fails unless we lead; how many there were."""
        rows = count_rows(changes)
        if rows:
            with self.database.write() as connection:
                commit.lead(connection, self.epoch, changes, self.clock.now())
        return rows

    def _answer(self) -> int:
        """Answer what running tasks asked, once all that was said before it is on disk."""
        answered = 0
        while self._questions and not self._waiting:
            self.answering.answer(self._questions[0], self.executor)
            self._questions.popleft()
            answered += 1
        return answered + self.answering.answer_asked(self.executor)

    def _rest(self, stop: Stop) -> None:
        """Nothing waits: see to the store, then sleep until something happens or comes due."""
        self.upkeep.tidy()
        wakes = (self._fleet.next_wake(), self.sources.due_at)
        known = (wake for wake in wakes if wake is not None)
        due = min(self.heartbeat.due_at, self.upkeep.due_at, *known)
        timeout_s = min(due - self.clock.now(), SAFETY_LOOK).total_seconds()  # clocks go back
        if timeout_s > 0:
            wait([stop, self.executor, self.sources], timeout_s)

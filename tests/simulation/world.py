"""One simulation: the real scheduler in a played world, from a seed.

The scheduler's own `run` is the main loop. Wherever it sleeps, the world goes on: `wait` is ours.
Wherever it writes to the database or gives an order, something may go wrong: it may even die there,
by an exception that nobody catches but us.
"""

import logging
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from tests.simulation import watch
from tests.simulation.agenda import Agenda
from tests.simulation.faults import ON_THE_WAY, Faults, Network
from tests.simulation.machine import Habits, Machine, ProcessPool
from tests.simulation.mirror import Mirror
from tests.simulation.shell import FailingDatabase, PlayedBell, PlayedExecutor
from tests.simulation.truth import Truth
from tests.simulation.users import Users
from tests.simulation.violation import Crash, Violation, require, strict
from tests.simulation.waits import WAITING_FROM, Triggerers
from tests.simulation.wires import Sockets
from tradewind.core.fleet import Fleet
from tradewind.executors import local
from tradewind.executors.protocol import Executor
from tradewind.model import changes as c
from tradewind.model.attempts import Attempt
from tradewind.model.errors import EnvironmentFailure, StaleWrite, TradewindError
from tradewind.model.events import Event
from tradewind.model.keys import TaskKey
from tradewind.model.plan import TaskPlan
from tradewind.model.snapshots import FleetSnapshot, RunQuery, RunSnapshot
from tradewind.model.states import RUN_FINISHED, TaskState
from tradewind.runtime import attempts, journal, ledger, partner, supervisor, warm
from tradewind.scheduler import loop, trouble
from tradewind.scheduler.answering import Answering
from tradewind.scheduler.heartbeat import Heartbeat
from tradewind.scheduler.loop import Scheduler
from tradewind.scheduler.sources import Sources
from tradewind.scheduler.upkeep import Kept, Upkeep
from tradewind.storage import commit, history, inbox, leader, schema
from tradewind.storage import fleet as stored_fleet
from tradewind.storage.components import Component
from tradewind.storage.history import RunPicture, TaskPicture
from tradewind.storage.secrets import Cipher, generate_key
from tradewind.storage.tables import event_log, task_instance_history, xcom
from tradewind.storage.tables import leader as leader_table

CIPHER = Cipher(generate_key())
BUSY_S = 12.0
"""For so long users act and faults happen."""
MEND_S = 4.0
"""So often, once all is calm, somebody looks for runs that wait for an earlier one's failure."""
CALM_S = 300.0
"""Within so long after that everything must have ended."""
SCRATCH = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else None


@dataclass
class Report:
    """What one simulation came to."""

    seed: int
    violation: Violation | None = None
    faults: Counter[str] = field(default_factory=Counter)
    events: int = 0
    commits: int = 0
    turns: int = 0
    runs: int = 0
    tasks: int = 0
    trace: list[str] = field(default_factory=list)


class Stop:
    """Ends the scheduler's loop on purpose."""

    def __init__(self) -> None:
        self._is_set = False

    def set(self) -> None:
        self._is_set = True

    def is_set(self) -> bool:
        return self._is_set

    def fileno(self) -> int:
        return -1


@dataclass
class Life:
    """One scheduler process."""

    epoch: int
    scheduler: Scheduler
    executor: PlayedExecutor
    stop: Stop


class World:
    """Everything there is in one simulation."""

    def __init__(self, seed: int, database: FailingDatabase, folder: Path, *, trace: bool) -> None:
        self.seed = seed
        self.database = database
        database.world = self
        self.report = Report(seed)
        self._traces = trace
        self.agenda = Agenda()
        rng = Random(f"world {seed}")
        self.rng = rng
        self.in_scheduler = False
        self.is_calm = False
        self.faults = Faults(self, Random(f"faults {seed}"))
        self.network = Network(self.faults, Random(f"network {seed}"))
        habits = Habits(
            results=rng.choice(((85, 8, 5, 2), (60, 25, 10, 5), (100, 0, 0, 0))),
            reschedules=rng.choice((0.0, 0.1)),
            deaths=rng.choice((0.0, 0.0, 0.1)),
            early_deaths=rng.choice((0.0, 0.0, 0.1)),
            waits=0.25 if seed >= WAITING_FROM else 0.0,
        )
        self.machine = Machine(self, seed, Random(f"machine {seed}"), habits, folder)
        self.truth = Truth(self)
        self.triggerers = Triggerers(self)
        self.users = Users(self, Random(f"users {seed}"))
        self.committed_rows = Mirror()
        self.views: dict[int, Mirror] = {}
        """By epoch: the rows as each scheduler's fleet takes them to be."""
        self.bell = PlayedBell()
        self.slots = rng.choice((1, 2, 4, 32))
        self.scheduled_at: dict[TaskKey, float] = {}
        self.life: Life | None = None
        self._next_life: Life | None = None
        self._is_to_die = False
        self._pending: list[c.Change] = []
        self._depth = 0
        self._superseded: dict[str, float] = {}
        self._spins, self._spun_at = 0, -1.0

    # --- the run ------------------------------------------------------------------------------

    def play(self) -> None:
        """Live through it. Raises Violation."""
        self.users.begin(BUSY_S)
        self.faults.plan(BUSY_S)
        self.agenda.after(BUSY_S, self._calm_down)
        while not self._is_over():
            life = self._next_life or self._begin_life()
            self._next_life = None
            if life is None:
                self._pass_time(0.3)
                continue
            self._live(life)
            if not self.faults.is_calm:
                self._pass_time(self.rng.choice((0.0, 0.1, 2.0)))
        self._check_the_end()

    def _live(self, life: Life) -> None:
        self.life = life
        try:
            with self._inside():
                life.scheduler.run(life.stop)  # type: ignore[arg-type]
            self.tell("the scheduler stops")
            life.executor.stop(False)
        except Crash:
            self.tell("the scheduler is dead")
        except trouble.LeadershipLost:
            self.tell(f"epoch {life.epoch} has lost its leadership")
        finally:
            self.life = None
            self._is_to_die = False
            life.executor.die()
            self.network.forget()

    def _begin_life(self) -> Life | None:
        """Start a scheduler process, as `scheduler.process` wires one; None if it cannot start."""
        executor = PlayedExecutor(self, self.slots)
        try:
            with self._inside():
                with self.database.write() as connection:
                    before = connection.execute(leader_table.select()).one().holder
                    epoch = leader.take_over(
                        connection,
                        f"{self.rng.random()}",
                        self.agenda.now(),
                        instead_of=before,  # whose lease may run: a real clock measures it
                    )
                executor.start(epoch)
        except (EnvironmentFailure, TradewindError, Crash) as error:
            self.tell(f"no scheduler can start: {error!r}")
            executor.die()
            return None
        self.tell(f"epoch {epoch} begins")
        me = Component(
            id="me", kind="scheduler", hostname="here", pid=1, started_at=self.agenda.now()
        )
        scheduler = Scheduler(
            database=self.database,
            executor=executor,
            sources=Sources(self.database, self.bell),
            answering=Answering(self.database, CIPHER, self.agenda),
            heartbeat=Heartbeat(self.database, me, epoch, self.agenda),
            upkeep=Upkeep(self.database, epoch, self.agenda, Kept()),
            epoch=epoch,
            clock=self.agenda,
        )
        return Life(epoch, scheduler, executor, Stop())

    def _pass_time(self, seconds: float) -> None:
        until = self.agenda.seconds + seconds
        while self.agenda.step(until):
            pass
        self._check_progress()

    def _check_progress(self) -> None:
        if self.agenda.seconds > BUSY_S + CALM_S:
            raise Violation("everything comes to an end", self._left())

    def _calm_down(self) -> None:
        self.tell("CALM")
        self.faults.calm()
        self.users.restore()
        self.agenda.after(MEND_S, self._mend)

    def _mend(self) -> None:
        if not self._is_over():
            self.users.mend()
            self.agenda.after(MEND_S, self._mend)

    def _is_over(self) -> bool:
        return self.faults.is_calm and self._left() == ""

    def _left(self) -> str:
        """What has not ended; empty if all has."""
        rows = self.committed_rows
        unfinished = [
            f"{key} {run.state} {[(t.key.task_id, t.state.value) for t in rows.tasks_of(key)]}"
            for key, run in rows.runs.items()
            if run.state not in RUN_FINISHED
        ]
        live = [process.token for process in self.machine.processes if process.is_alive]
        backfills = [row for row in rows.backfills.values() if row.completed_at is None]
        left = [*unfinished, *live, *map(str, backfills), *map(str, self.users.waiting.values())]
        life = self.life
        wake = life.scheduler._fleet.next_wake() if life is not None else None
        if wake is not None:
            left.append(f"a wake at {wake}")
        return "; ".join(left[:6])

    # --- where the scheduler sleeps -----------------------------------------------------------

    def wait(self, readables: Iterable[Any], timeout_s: float) -> bool:
        """Stands where `scheduler.stop.wait` would: the world goes on meanwhile."""
        readables = list(readables)
        life = self._life_of(readables)
        rests = any(isinstance(one, Sources) for one in readables)
        if rests and life is not None:
            self._check_rest(life, timeout_s)
            if self._is_over():
                life.stop.set()
        until = self.agenda.seconds + timeout_s
        with self.outside():
            while not any(self._is_readable(one) for one in readables):
                if self._is_to_die:
                    raise Crash
                has_happened = self.agenda.step(until)
                self._check_progress()
                if not has_happened:
                    return False
        if self._is_to_die:
            raise Crash
        return True

    def perf_counter(self) -> float:
        """Stands where the scheduler measures its turns: many while no time passes are no rest."""
        self._spins = self._spins + 1 if self.agenda.seconds == self._spun_at else 0
        self._spun_at = self.agenda.seconds
        require(self._spins < 5000, "it rests when there is nothing to do", f"{self._spins} looks")
        return self.agenda.seconds

    def _life_of(self, readables: list[Any]) -> Life | None:
        for life in (self.life, self._next_life):
            if life is not None and life.executor in readables:
                return life
        return None

    def _is_readable(self, one: Any) -> bool:
        if isinstance(one, PlayedExecutor):
            return one.is_readable()
        if isinstance(one, Sources):
            return self.bell.is_rung
        return isinstance(one, Stop) and one.is_set()

    def _check_rest(self, life: Life, timeout_s: float) -> None:
        view = self.views[life.epoch]
        if life.epoch != max(self.views):
            return  # it does not know yet that it leads no more
        require(timeout_s <= 5.01, "it looks around every 5 s", f"sleeping for {timeout_s} s")
        watch.at_rest(view, self.agenda.now(), timeout_s)

    def meanwhile(self, rate: float) -> None:
        """Let the world go on a little while the scheduler is busy."""
        if self.in_scheduler and not self.faults.is_calm and self.rng.random() < rate:
            with self.outside():
                self._pass_time(self.rng.choice((0.0005, 0.003, 0.03)))
        if self._is_to_die and self.in_scheduler:
            raise Crash

    @contextmanager
    def _inside(self) -> Iterator[None]:
        before, self.in_scheduler = self.in_scheduler, True
        try:
            yield
        finally:
            self.in_scheduler = before

    @contextmanager
    def outside(self) -> Iterator[None]:
        before, self.in_scheduler = self.in_scheduler, False
        try:
            yield
        finally:
            self.in_scheduler = before

    # --- what happens to the scheduler --------------------------------------------------------

    def ring(self) -> None:
        self.bell.is_rung = True

    def kill_scheduler(self) -> None:
        self._is_to_die = self.life is not None

    def stop_scheduler(self) -> None:
        if self.life is not None:
            self.life.stop.set()

    def cut_connection(self) -> None:
        wire = None if self.life is None else self.life.executor._wire
        if wire is not None:
            wire.cut()

    def usurp(self) -> None:
        """A second scheduler takes over; the first goes on until it finds out."""
        if self.life is None or self._next_life is not None:
            return
        life = self._begin_life()
        if life is None:
            return
        try:
            with self._inside():
                for _ in range(self.rng.choice((0, 1, 3))):
                    life.scheduler.turn()
        except (*trouble.TROUBLE, trouble.LeadershipLost, Crash) as error:
            self.tell(f"the second scheduler fails: {error!r}")
            self._is_to_die = False
            life.executor.die()
            return
        self._next_life = life

    # --- what the product calls, watched ------------------------------------------------------

    def decide(self, real: Callable[..., list[c.Change]]) -> Callable[..., list[c.Change]]:
        def watched(fleet: Fleet, event: Event, now: datetime) -> list[c.Change]:
            changes = real(fleet, event, now)
            self.report.events += 1
            if self._traces:
                self.tell(f"decide {event}")
                for change in changes:
                    self.tell(f"    {told(change)}")
            with strict():
                watch.decided(self.views[fleet.epoch], self.committed_rows, event, now, changes)
            return changes

        return watched

    def load(self, real: Callable[..., FleetSnapshot]) -> Callable[..., FleetSnapshot]:
        def watched(connection: Any, epoch: int) -> FleetSnapshot:
            snapshot = real(connection, epoch)
            with strict():
                self._compare(snapshot)
            view = self.committed_rows.copy()
            view.know(snapshot)
            view.slots = 0
            self.views[epoch] = view
            return snapshot

        return watched

    def write(self, real: Callable[..., None]) -> Callable[..., None]:
        def watched(connection: Any, epoch: int, changes: list[c.Change], now: datetime) -> None:
            real(connection, epoch, changes, now)
            self._pending = list(changes)

        return watched

    def report_bug(self, event: Event, bug: Exception) -> None:
        raise Violation("every event can be decided on", f"{event}: {bug!r}") from bug

    def note_trouble(self, real: Callable[..., float]) -> Callable[..., float]:
        def watched(me: Any, error: Exception, now: datetime) -> float:
            require(not isinstance(error, trouble.SetAside), "no event is set aside", f"{error!r}")
            doomed = any(view.is_doomed for view in self.views.values())
            expected = not isinstance(error, StaleWrite) or (
                doomed or isinstance(error, inbox.Withdrawn) or "is over" in str(error)
            )
            require(expected, "no write is stale", f"{error!r}")
            self.tell(f"trouble: {error!r}")
            return real(me, error, now)

        return watched

    def begins_transaction(self) -> None:
        """What was written in one before that was undone does not count."""
        self._pending = []

    def committed(self) -> None:
        """A transaction is on disk, whatever its writer is told."""
        changes, self._pending = self._pending, []
        if changes:
            with strict():
                self._note_commit(changes)

    def _note_commit(self, changes: list[c.Change]) -> None:
        self.report.commits += 1
        rows = self.committed_rows
        for change in changes:
            if isinstance(change, c.Order):
                continue
            if isinstance(change, c.TaskChanged):
                self._committed_task(rows, change)
            if isinstance(change, c.CommandAnswered):
                told = f"{change.command_id} {change}"
                known = self.users.waiting.pop(change.command_id, None)
                require(known is not None, "a command is answered once", told)
            if isinstance(change, c.WaitWritten):
                self.triggerers.committed(change)
            if isinstance(change, c.RunCreated):
                self.report.runs += 1
            if isinstance(change, c.DagPaused) and self.faults.is_calm:
                self.agenda.after(1.0, lambda dag_id=change.dag_id: self.users.unpause(dag_id))  # type: ignore[misc]
            rows.apply(change)
        self.tell(f"committed {len(changes)} changes")

    def _committed_task(self, rows: Mirror, change: c.TaskChanged) -> None:
        old, new = rows.tasks[change.task.key], change.task
        if new.token is not None:
            self.truth.committed[new.token] = new.key
        if new.state is TaskState.NONE:
            self.truth.cleared(new.key)
        if new.state is TaskState.SCHEDULED:
            self.scheduled_at[new.key] = self.agenda.seconds
        if new.state is TaskState.RESTARTING and new.token is not None:
            self._superseded[new.token] = self.agenda.seconds
        if old.token is not None and new.token is None:
            self._superseded.setdefault(old.token, self.agenda.seconds)
            if new.state is TaskState.SUCCESS and change.reason == "execute returned":
                self.truth.check_success(new.key, old.token)

    def dispatched(self, attempt: Attempt) -> None:
        self.report.tasks += 1
        told = f"{attempt.key} {attempt.token}"
        require(attempt.token in self.truth.committed, "durable before visible", told)

    def acknowledged(self, token: str, state: TaskState) -> None:
        key = self.truth.committed.get(token)
        if key is not None:
            current = self.committed_rows.tasks[key].token
            require(current != token, "an end is acknowledged when it is on disk", f"{key} {token}")

    def is_to_be_killed(self, token: str) -> bool:
        """Whether the store has no more use for what an attempt does."""
        key = self.truth.committed.get(token)
        if key is None:
            return True
        row = self.committed_rows.tasks[key]
        return row.token != token or row.state is TaskState.RESTARTING

    def unwanted_for_s(self, token: str) -> float:
        """How long ago the store lost interest in an attempt, unless nobody could tell it so."""
        since = self._superseded.get(token)
        if since is None or not self.faults.kinds <= set(ON_THE_WAY):
            return 0.0
        return self.agenda.seconds - since

    # --- what others ask ----------------------------------------------------------------------

    def task_plan(self, key: TaskKey) -> TaskPlan:
        return self.committed_rows.task_plan(key)

    def retries_of(self, key: TaskKey) -> int:
        return self.task_plan(key).retries

    def upstream_of(self, key: TaskKey) -> tuple[str, ...]:
        return self.task_plan(key).upstream

    def seconds(self, count: float) -> timedelta:
        return timedelta(seconds=count)

    def tell(self, line: str) -> None:
        if self._traces:
            line = line.replace(str(self.machine.folder), "HOME")  # another in every process
            self.report.trace.append(f"{self.agenda.seconds:9.4f} {line}")

    # --- the store against the mirror ---------------------------------------------------------

    def _compare(self, snapshot: FleetSnapshot) -> None:
        """What a scheduler loads must be what was committed."""
        rows = self.committed_rows
        unfinished = {key for key, run in rows.runs.items() if run.state not in RUN_FINISHED}
        loaded = {run.key for run in snapshot.runs if run.state not in RUN_FINISHED}
        require(
            loaded == unfinished, "the store holds what was committed", f"{loaded ^ unfinished}"
        )
        self._compare_runs(snapshot.runs)
        backfills = {row.backfill_id: row for row in snapshot.backfills}
        expected = {
            number: row for number, row in rows.backfills.items() if row.completed_at is None
        }
        require(backfills == expected, "the store holds what was committed", f"{backfills}")
        waits = {one.key: one for one in snapshot.waiting}
        known = {key: one for key, one in rows.waiting.items() if key.run in unfinished}
        require(waits == known, "the store holds what was committed", f"{waits}, not {known}")

    def _compare_runs(self, found: Iterable[Any]) -> None:
        rows = self.committed_rows
        for run in found:
            bare = replace(run, tasks=())
            expected = rows.runs[run.key]
            require(bare == expected, "the store holds what was committed", f"{bare} {expected}")
            for task in run.tasks:
                row = rows.tasks[task.key]
                require(task == row, "the store holds what was committed", f"{task} {row}")
            require(
                len(run.tasks) == len(rows.of_run[run.key]),
                "the store holds what was committed",
                f"{run.key} has {len(run.tasks)} task instances",
            )

    def _compare_replay(self, run: RunSnapshot, found: RunPicture | None) -> None:
        """The log alone leads to what is in the rows."""
        promise = "replaying the log gives the state"
        require(found is not None, promise, f"{run.key} is not in the log")
        assert found is not None
        of_run = (found.state, found.version, found.clear_number, found.note)
        expected = (run.state, run.version, run.clear_number, run.note)
        require(of_run == expected, promise, f"{run.key}: {of_run}, not {expected}")
        tasks = {
            (row.key.task_id, row.key.map_index): TaskPicture(
                row.state, row.try_number, row.max_tries, row.token, row.due_at
            )
            for row in run.tasks
        }
        differ = [place for place in tasks if found.tasks.get(place) != tasks[place]]
        told = [(place, found.tasks.get(place), tasks[place]) for place in differ]
        require(not differ and len(tasks) == len(found.tasks), promise, f"{run.key}: {told}")

    def _check_the_end(self) -> None:
        """All has ended: is everything as it must be?"""
        rows = self.committed_rows
        with self.database.read() as connection:
            for dag_id in self.users.plans:
                found, _ = stored_fleet.find_runs(connection, RunQuery(dag_id=dag_id))
                self._compare_runs(found)
                for run in found:
                    self._compare_replay(run, history.picture(connection, run.key))
            logged = connection.execute(
                event_log.select().with_only_columns(event_log.c.reason)
            ).scalars()
            reasons = list(logged)
            values = {
                (TaskKey(row.dag_id, row.run_id, row.task_id, row.map_index), row.key): row.value
                for row in connection.execute(xcom.select())
            }
            waiting = inbox.waiting(connection)
            tries = {
                (TaskKey(row.dag_id, row.run_id, row.task_id, row.map_index), row.try_number)
                for row in connection.execute(task_instance_history.select())
            }
        require(
            tries == set(rows.history), "earlier tries are kept", f"{tries ^ set(rows.history)}"
        )
        require(values == rows.xcoms, "the store holds what was committed", "XComs differ")
        require(not waiting, "a command is answered once", f"{waiting}")
        require(all(reasons), "every event has a cause", "an event has no reason")
        for token in self.users.withdrawn:
            require(token not in rows.answers, "a withdrawn command leaves no trace", token)


def told(change: c.Change) -> str:
    """A change in short."""
    match change:
        case c.TaskChanged(before, before_try, row):
            return (
                f"{'/'.join(map(str, row.key))}: {before} {before_try} -> {row.state}"
                f" {row.try_number} {row.token or ''} ({change.reason})"
            )
        case c.RunChanged(before, run):
            return f"{'/'.join(run.key)}: {before} -> {run.state} ({change.reason})"
        case c.RunCreated(run):
            return f"{'/'.join(run.key)}: created, {change.reason}"
        case c.Dispatch(attempt):
            return f"dispatch {attempt.token} {attempt.key} try {attempt.try_number}"
    return str(change)


# --- one seed ---------------------------------------------------------------------------------


_idle = SimpleNamespace(
    faults=SimpleNamespace(
        may_use_database=lambda: None,
        before_transaction=lambda: None,
        before_commit=lambda: None,
        after_commit=lambda: None,
    ),
    begins_transaction=lambda: None,
    committed=lambda: None,
)
"""A world in which nothing happens, for a database that is being made."""


@cache
def _in_memory() -> tuple[FailingDatabase, Any]:
    """One database for all seeds, so that statements are compiled once, and a fresh one to copy."""
    made = []
    for _ in range(2):
        database = FailingDatabase("sqlite://")
        database.world = _idle  # type: ignore[assignment]
        schema.create_or_upgrade(database)
        made.append(database)
    with made[1].raw() as template:
        return made[0], template


@contextmanager
def fresh_database(seed: int, folder: Path) -> Iterator[FailingDatabase]:
    """SQLite in memory for most seeds, in a file for some."""
    if seed % 20 == 7:
        with closing(FailingDatabase(f"sqlite:///{folder}/tradewind.db")) as database:
            database.world = _idle  # type: ignore[assignment]
            schema.create_or_upgrade(database)
            yield database
        return
    database, template = _in_memory()
    database.world = _idle  # type: ignore[assignment]
    with database.raw() as connection:
        template.backup(connection)
    yield database


@contextmanager
def played(world: World) -> Iterator[None]:
    """Put the simulation's parts where the product looks for the system's."""
    machine = world.machine

    class Played(ProcessPool):
        pass

    Played.machine = machine
    clock = SimpleNamespace(
        now=lambda zone: world.agenda.now(), fromisoformat=datetime.fromisoformat
    )
    real_note = trouble.Trouble.note
    with ExitStack() as stack:
        for owner, name, value in (
            (loop, "decide", world.decide(loop.decide)),
            (loop, "wait", world.wait),
            (loop, "perf_counter", world.perf_counter),
            (stored_fleet, "load", world.load(stored_fleet.load)),
            (commit, "lead", world.write(commit.lead)),
            (trouble, "report_bug", world.report_bug),
            (trouble.Trouble, "note", world.note_trouble(real_note)),
            (warm, "socket", Sockets(world.agenda, machine.rng)),
            (supervisor, "Pools", Played),
            (supervisor, "kill_leftovers", machine.kill_leftovers),
            (ledger, "kill_leftovers", machine.kill_leftovers),
            (attempts, "signal_group", machine.signal_group),
            (attempts, "datetime", clock),
            (local, "datetime", clock),
            (journal, "start_time_of", lambda pid: pid),
            (ledger, "start_time_of", lambda pid: pid),
            (partner, "peer_uid", lambda sock: os.getuid()),
            (inbox.uuid, "uuid4", world.users.new_id),
        ):
            stack.enter_context(patch.object(owner, name, value))
        yield


def simulate(seed: int, *, trace: bool = False, database: FailingDatabase | None = None) -> Report:
    """Play one seed; what was broken is in the report."""
    folder = Path(tempfile.mkdtemp(prefix="tw-sim-", dir=SCRATCH))
    log = logging.getLogger("tradewind")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        with ExitStack() as stack:
            chosen = database or stack.enter_context(fresh_database(seed, folder))
            world = World(seed, chosen, folder, trace=trace)
            stack.enter_context(played(world))
            try:
                world.play()
            except Violation as violation:
                world.report.violation = violation
            finally:
                world.machine.kill_supervisor()
            world.report.faults = world.faults.counts
            return world.report
    finally:
        log.setLevel(level)
        shutil.rmtree(folder, ignore_errors=True)


__all__ = ["Executor", "Report", "World", "simulate"]

"""A scheduler without I/O for tests: it gives events to `decide` and applies the Changes.

Rows are kept as a store would keep them, each write compared with what was there before, so that
a fleet can be rebuilt from them at any time.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

from tradewind.core.decide import decide
from tradewind.core.fleet import Fleet
from tradewind.core.needs import needs
from tradewind.core.taken import Taken
from tradewind.model import changes as c
from tradewind.model.assets import AssetEvent, AssetKey, AssetsSnapshot, QueuedUpdate
from tradewind.model.attempts import Attempt, Outcome, Result
from tradewind.model.commands import Command, TriggerRun
from tradewind.model.deferral import Waiting
from tradewind.model.events import (
    AttemptEnded,
    AttemptStarted,
    CommandGiven,
    DagLoaded,
    Event,
    SlotsChanged,
    Tick,
)
from tradewind.model.human_input import Inquiry
from tradewind.model.keys import CHOICE, RunKey, TaskKey
from tradewind.model.plan import Plan, ScheduleSpec, TaskPlan
from tradewind.model.snapshots import (
    BackfillSnapshot,
    DagSnapshot,
    FleetSnapshot,
    PoolSnapshot,
    RunQuery,
    RunSnapshot,
    TaskSnapshot,
)
from tradewind.model.states import RUN_FINISHED, RunState, RunType, TaskState
from tradewind.scheduler.orders import count_rows

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
DAILY = ScheduleSpec("cron_data_interval", {"expression": "0 0 * * *", "timezone": "UTC"})


def task(task_id: str, *upstream: str, **fields: Any) -> TaskPlan:
    return TaskPlan(task_id=task_id, upstream=tuple(sorted(upstream)), **fields)


def dag(*tasks: TaskPlan, dag_id: str = "d", **fields: Any) -> DagSnapshot:
    head = {
        name: fields.pop(name)
        for name in ("version", "code_hash", "is_paused", "is_stale", "last_run_after")
        if name in fields
    }
    plan = Plan(dag_id=dag_id, tasks=tasks, **fields)
    defaults = {"version": 1, "code_hash": "c1", "is_paused": False}
    return DagSnapshot(plan=plan, fileloc="/dags/d.py", **(defaults | head))


class World:
    """A fleet, the rows it has written, and a clock that only the test moves."""

    def __init__(
        self,
        *dags: DagSnapshot,
        slots: int = 100,
        pools: dict[str, int] | None = None,
        now: datetime = NOON,
    ) -> None:
        self.now = now
        self.dags = {one.plan.dag_id: one for one in dags}
        self.plans: dict[tuple[str, int], Plan] = {}
        sizes = {"default_pool": 128} | (pools or {})
        self.pools = tuple(PoolSnapshot(name, size) for name, size in sizes.items())
        self.runs: dict[RunKey, RunSnapshot] = {}
        self.tasks: dict[TaskKey, TaskSnapshot] = {}
        self.xcoms: dict[tuple[TaskKey, str], Any] = {}
        self.history: dict[tuple[TaskKey, int], TaskSnapshot] = {}
        self.waiting: dict[TaskKey, Waiting] = {}
        self.inquiries: dict[TaskKey, Inquiry] = {}
        self.backfills: dict[int, BackfillSnapshot] = {}
        self.queued: list[tuple[str, AssetEvent]] = []
        """(DAG, event) of what its next run by its assets will take."""
        self.aliases: set[tuple[str, AssetKey]] = set()
        self.consumed: dict[RunKey, list[AssetEvent]] = {}
        self.asset_events: list[AssetEvent] = []
        self.answers: dict[str, c.CommandAnswered] = {}
        self.taken: dict[str, tuple[Command, int]] = {}
        self.log: list[c.Change] = []
        self.events: list[tuple[Event, datetime]] = []
        self.attempts: dict[str, Attempt] = {}
        """Dispatched and not yet acknowledged."""
        self.killed: list[str] = []
        self._commands = 0
        self.epoch = 1
        self.rows: list[int] = []
        """How many each turn wrote."""
        for one in dags:
            self.plans[one.plan.dag_id, one.version] = one.plan
        self.fleet = self.rebuild()
        self.give(SlotsChanged("LocalExecutor", slots))

    # --- events -------------------------------------------------------------------------------

    def give(self, event: Event) -> list[c.Change]:
        """Decide on one event, write what follows, and tick as often as is asked for."""
        made = self.turn(event)
        for _ in range(1000):
            if not self.has_more:
                return made
            made += self.turn(Tick())
        raise AssertionError("it asks for one Tick after another")

    def turn(self, event: Event | None = None) -> list[c.Change]:
        """Decide on one event and leave what is too much for one turn undone."""
        event = event or Tick()
        self.events.append((event, self.now))
        for query in needs(self.fleet, event, self.now):
            self.fleet.admit(*self.find_runs(query))
        made = decide(self.fleet, event, self.now)
        for change in made:
            self._apply(change)
        self.log += made
        self.rows.append(count_rows(made))
        return made

    def command(self, command: Command) -> c.CommandAnswered:
        self._commands += 1
        name = f"command {self._commands}"
        self.give(CommandGiven(name, command))
        return self.answers[name]

    def trigger(self, run_id: str = "r", dag_id: str = "d", **fields: Any) -> c.CommandAnswered:
        fields.setdefault("run_after", self.now)
        return self.command(TriggerRun(dag_id=dag_id, run_id=run_id, **fields))

    def load(self, snapshot: DagSnapshot) -> list[c.Change]:
        self.dags[snapshot.plan.dag_id] = snapshot
        self.plans[snapshot.plan.dag_id, snapshot.version] = snapshot.plan
        return self.give(DagLoaded(snapshot))

    def wait(self, **duration: float) -> list[c.Change]:
        self.now += timedelta(**duration)
        return self.give(Tick())

    def start(self, name: str) -> list[c.Change]:
        return self.give(AttemptStarted(self.attempt(name).token, 42, "here", self.now))

    def end(self, name: str, result: Result = Result.SUCCESS, **facts: Any) -> list[c.Change]:
        outcome = Outcome(result=result, end_date=facts.pop("end_date", self.now), **facts)
        return self.give(AttemptEnded(self.attempt(name).token, outcome))

    def run_all(self, outcome: Callable[[Attempt], Result] = lambda _: Result.SUCCESS) -> None:
        """Start and end every attempt, oldest first, until nothing is in flight."""
        while self.attempts or self.killed:
            self.run_killed()
            if not self.attempts:
                return
            token, attempt = next(iter(self.attempts.items()))
            self.give(AttemptStarted(token, 42, "here", self.now))
            self.give(AttemptEnded(token, Outcome(result=outcome(attempt), end_date=self.now)))

    def run_killed(self) -> None:
        """The processes that were to be ended are gone."""
        while self.killed:
            token = self.killed.pop(0)
            gone = Outcome(result=Result.FAILED, end_date=self.now, reason="exit code -15")
            self.give(AttemptEnded(token, gone))

    @property
    def has_more(self) -> bool:
        """Whether a Tick is asked for at once."""
        wake = self.fleet.next_wake()
        return wake is not None and wake <= self.now

    # --- what tests ask -----------------------------------------------------------------------

    def attempt(self, name: str) -> Attempt:
        """The live attempt of `task_id` or `run_id/task_id`."""
        run_id, _, task_id = name.rpartition("/")
        (found,) = [
            attempt
            for attempt in self.attempts.values()
            if attempt.key.task_id == task_id and run_id in ("", attempt.key.run_id)
        ]
        return found

    def states(self, run_id: str = "r", dag_id: str = "d") -> dict[str, str]:
        return {
            key.task_id: row.state.value
            for key, row in self.tasks.items()
            if key.run == (dag_id, run_id)
        }

    def run_state(self, run_id: str = "r", dag_id: str = "d") -> str:
        return self.runs[RunKey(dag_id, run_id)].state.value

    def row(self, task_id: str, run_id: str = "r", dag_id: str = "d") -> TaskSnapshot:
        return self.tasks[TaskKey(dag_id, run_id, task_id)]

    def run_ids(self, state: RunState | None = None) -> list[str]:
        return [key.run_id for key, run in self.runs.items() if state in (None, run.state)]

    # --- the store ----------------------------------------------------------------------------

    def rebuild(self) -> Fleet:
        """Throw the fleet away and build it from the rows."""
        concerned = {
            key for name, taken in self.taken.items() for key in Taken(name, *taken).runs()
        }
        unfinished = [
            run
            for run in self.runs.values()
            if run.state not in RUN_FINISHED or run.key in concerned
        ]
        dated: dict[str, set[datetime]] = {}
        for run in unfinished:
            if run.logical_date is not None:
                dated.setdefault(run.key.dag_id, set()).add(run.logical_date)
        for name, dates in dated.items():
            there = [run for run in unfinished if run.key.dag_id == name]
            unfinished += self._before(name, dates, there)
        self.fleet = Fleet.build(
            FleetSnapshot(
                epoch=self.epoch,
                dags=tuple(self.dags.values()),
                plans=tuple((name, version, plan) for (name, version), plan in self.plans.items()),
                runs=tuple(self._with_tasks(run) for run in unfinished),
                waiting=tuple(self.waiting.values()),
                inquiries=tuple(filter(self._is_open, self.inquiries.values())),
                pools=self.pools,
                backfills=tuple(self.backfills.values()),
                next_backfill_id=len(self.backfills) + 1,
                assets=AssetsSnapshot(
                    queued=tuple(
                        QueuedUpdate(dag_id=name, asset=event.update.key, last_at=event.at)
                        for name, event in self.queued
                    ),
                    aliases=tuple(sorted(self.aliases)),
                    last_event_id=len(self.asset_events),
                ),
                taken=tuple((name, *taken) for name, taken in self.taken.items()),
            ),
            serial=self.fleet.serial if hasattr(self, "fleet") else 0,
        )
        return self.fleet

    def _is_open(self, inquiry: Inquiry) -> bool:
        row = self.tasks[inquiry.key]
        if row.try_number != inquiry.try_number:
            return False
        waits = row.state in (TaskState.DEFERRED, TaskState.AWAITING_INPUT)
        return waits or row.token == inquiry.token

    def find_runs(self, query: RunQuery) -> tuple[list[RunSnapshot], list[tuple[str, int, Plan]]]:
        everything = not (query.run_ids or query.logical_dates)
        found = [
            self._with_tasks(run)
            for key, run in self.runs.items()
            if key.dag_id == query.dag_id
            and (
                everything
                or key.run_id in query.run_ids
                or (run.logical_date is not None and run.logical_date in query.logical_dates)
            )
        ]
        if query.with_before:
            dates = {*query.logical_dates, *(run.logical_date for run in found if run.logical_date)}
            found += self._before(query.dag_id, dates, found)
        return found, [(name, version, plan) for (name, version), plan in self.plans.items()]

    def _before(
        self, dag_id: str, dates: set[datetime], known: list[RunSnapshot]
    ) -> list[RunSnapshot]:
        """The runs with the latest earlier logical date, of each date: of all, of automated ones."""
        found = {run.key: run for run in known}
        for date, automated in product(dates, (False, True)):
            earlier = [
                run
                for run in self.runs.values()
                if run.key.dag_id == dag_id
                and run.logical_date is not None
                and run.logical_date < date
                and not (automated and run.run_type is RunType.MANUAL)
            ]
            if earlier:
                run = max(earlier, key=lambda run: run.logical_date or NOON)
                found.setdefault(run.key, self._with_tasks(run))
        return list(found.values())[len(known) :]

    def _with_tasks(self, run: RunSnapshot) -> RunSnapshot:
        return replace(
            run,
            tasks=tuple(row for key, row in self.tasks.items() if key.run == run.key),
            choices=tuple(
                (key.task_id, key.map_index, value)
                for (key, name), value in self.xcoms.items()
                if key.run == run.key and name == CHOICE
            ),
        )

    def _apply(self, change: c.Change) -> None:
        match change:
            case c.RunCreated(run):
                assert run.key not in self.runs
                self.runs[run.key] = replace(run, tasks=())
                self.tasks |= {row.key: row for row in run.tasks}
            case c.TasksCreated(key, rows):
                assert all(row.key.run == key and row.key not in self.tasks for row in rows)
                self.tasks |= {row.key: row for row in rows}
            case c.TaskExpanded(key):
                assert self.tasks.pop(key).state is TaskState.NONE
            case c.RunChanged(before, run):
                assert self.runs[run.key].state is before
                self.runs[run.key] = run
            case c.TaskChanged(before, before_try, row):
                assert (self.tasks[row.key].state, self.tasks[row.key].try_number) == (
                    before,
                    before_try,
                )
                self.tasks[row.key] = row
            case c.WaitWritten(wait):
                self.waiting[wait.key] = wait
            case c.WaitOver(key):
                del self.waiting[key]
            case c.InquiryWritten(inquiry):
                self.inquiries[inquiry.key] = inquiry
            case c.TryArchived(key, try_number):
                assert (key, try_number) not in self.history, "a try is archived once"
                assert self.tasks[key].try_number == try_number
                self.history[key, try_number] = self.tasks[key]
            case c.XComWritten(key, name, value):
                self.xcoms[key, name] = value
            case c.XComsCleared(key):
                self.xcoms = {at: value for at, value in self.xcoms.items() if at[0] != key}
            case c.XComsShared(of, to, task_ids):
                self.xcoms |= {
                    (TaskKey(*to, key.task_id, key.map_index), name): value
                    for (key, name), value in self.xcoms.items()
                    if key.run == of and key.task_id in task_ids
                }
            case c.ScheduleMoved(dag_id, last):
                if last is not None:
                    self.dags[dag_id] = replace(
                        self.dags[dag_id],
                        last_automated=last.data_interval,
                        last_run_after=last.run_after,
                    )
            case c.BackfillWritten(row):
                self.backfills[row.backfill_id] = row
            case c.AssetUpdated(event, queued_for):
                assert event.event_id == len(self.asset_events) + 1
                self.asset_events.append(event)
                self.aliases |= {(alias, event.update.key) for alias in event.update.aliases}
                self.queued += [(name, event) for name in queued_for]
            case c.EventsConsumed(key, upto):
                of_dag = [event for name, event in self.queued if name == key.dag_id]
                taken = [event for event in of_dag if event.event_id <= upto]
                self.consumed[key] = taken
                self.queued = [
                    (name, event)
                    for name, event in self.queued
                    if name != key.dag_id or event not in taken
                ]
            case c.QueuedEventsDropped(dag_id, asset, before):
                self.queued = [
                    (name, event)
                    for name, event in self.queued
                    if (name, event.update.key) != (dag_id, asset)
                    or (before is not None and event.at >= before)
                ]
            case c.DagPaused(dag_id):
                self.dags[dag_id] = replace(self.dags[dag_id], is_paused=True)
            case c.CommandTaken(name, done, command):
                self.taken[name] = (command or self.taken[name][0], done)
            case c.CommandAnswered():
                self.taken.pop(change.command_id, None)
                assert change.command_id not in self.answers, "a command is answered once"
                self.answers[change.command_id] = change
            case c.Dispatch(attempt):
                assert self.tasks[attempt.key].token == attempt.token
                self.attempts[attempt.token] = attempt
            case c.Kill(token):
                if self.attempts.pop(token, None) is not None:
                    self.killed.append(token)
            case c.EndAcknowledged(token):
                self.attempts.pop(token, None)


def told(changes: list[c.Change]) -> list[str]:
    """Changes in short, for tests that read as transcripts."""
    lines = []
    for change in changes:
        match change:
            case c.TaskChanged(before, _, row):
                lines.append(f"{row.key.task_id}: {before} -> {row.state}")
            case c.TaskExpanded(key, length):
                lines.append(f"{key.task_id} x {length}")
            case c.RunChanged(before, run) if before is not run.state:
                lines.append(f"run: {before} -> {run.state}")
            case c.RunCreated(run):
                lines.append(f"run created: {run.key.run_id}")
            case c.Dispatch(attempt):
                lines.append(f"dispatch {attempt.key.task_id} try {attempt.try_number}")
            case c.Kill():
                lines.append("kill")
            case c.TryArchived(key, try_number):
                lines.append(f"archive {key.task_id} try {try_number}")
            case c.XComsCleared(key):
                lines.append(f"clear xcoms of {key.task_id}")
    return lines


__all__ = ["DAILY", "NOON", "TaskState", "World", "dag", "task", "told"]

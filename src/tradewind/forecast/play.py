"""Plays the fleet ahead: every attempt takes the time it is expected to, and succeeds."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush

from tradewind.core.abilities import not_scheduled_yet
from tradewind.core.dag import Dag
from tradewind.core.decide import decide
from tradewind.core.fleet import Fleet
from tradewind.core.needs import needs
from tradewind.core.task_instance import Task
from tradewind.forecast.durations import Durations
from tradewind.forecast.result import DagForecast, Forecast, RunForecast, Use
from tradewind.model.assets import AssetUpdate
from tradewind.model.attempts import Outcome, Result
from tradewind.model.changes import Change, Dispatch, Kill, RunChanged, RunCreated, TimetableAsked
from tradewind.model.commands import TimetableSaid
from tradewind.model.events import AttemptEnded, CommandGiven, Event, SlotsChanged, Tick
from tradewind.model.keys import RunKey
from tradewind.model.plan import Plan, TaskPlan
from tradewind.model.snapshots import FleetSnapshot, RunQuery, RunSnapshot
from tradewind.model.states import RUN_FINISHED, RunState
from tradewind.model.timetable_questions import TimetableAnswer, TimetableQuestion

LookUp = Callable[[RunQuery], tuple[list[RunSnapshot], list[tuple[str, int, Plan]]]]
"""Finds runs that there are already, as `storage.fleet.find_runs` does."""


Ask = Callable[[Dag, TimetableQuestion], TimetableAnswer | None]
"""Asks a timetable of an author's own; None if that is not possible."""


def nothing_there(_: RunQuery) -> tuple[list[RunSnapshot], list[tuple[str, int, Plan]]]:
    """The look-up of a world without a past."""
    return [], []


@dataclass(slots=True)
class _Attempt:
    """One that is under way."""

    task: Task
    run: RunForecast
    since: datetime


def forecast(
    snapshot: FleetSnapshot,
    *,
    start: datetime,
    until: datetime,
    executors: dict[str, int],
    durations: Durations,
    look_up: LookUp = nothing_there,
    ask: Ask | None = None,
) -> Forecast:
    """What happens from `start` to `until` if every task succeeds in its expected time.

    `snapshot` is what a scheduler would load now; `executors` are slots by name, the default one
    first.
    """
    return _Play(snapshot, start, until, executors, durations, look_up, ask).play()


class _Play:
    def __init__(
        self,
        snapshot: FleetSnapshot,
        start: datetime,
        until: datetime,
        executors: dict[str, int],
        durations: Durations,
        look_up: LookUp,
        ask: Ask | None,
    ) -> None:
        self._fleet = Fleet.build(snapshot)
        self._now = start
        self._durations = durations
        self._look_up = look_up
        self._ask = ask
        self._told: deque[TimetableSaid] = deque()
        self._result = Forecast(start, until)
        self._result.pools = {pool.name: Use(pool.slots) for pool in snapshot.pools}
        self._result.executors = {name: Use(slots) for name, slots in executors.items()}
        self._default_executor = next(iter(executors))
        self._runs: dict[RunKey, RunForecast] = {}
        self._active: dict[str, int] = {}
        self._attempts: dict[str, _Attempt] = {}
        self._ends: list[tuple[datetime, int, str]] = []
        for dag_id, dag in self._fleet.dags.items():
            plan = dag.plan
            self._result.dags[dag_id] = DagForecast(
                plan.timezone, plan.schedule.summary, left_out=why_left_out(dag)
            )
        for key, run in self._fleet.runs.items():
            self._note_run(run.snapshot(), is_there=True)
            if run.state is RunState.RUNNING:
                self._runs[key].start = run.start_date
                self._begin_run(key.dag_id)

    def play(self) -> Forecast:
        """Go from event to event."""
        for token, task in list(self._fleet.attempts.items()):
            self._begin(token, task, task.start_date or self._now)
        for name, use in self._result.executors.items():
            self._decide(SlotsChanged(name, use.slots))
        self._decide(Tick())
        until = self._result.until
        while (event := self._next(until)) is not None:
            self._decide(event)
        for attempt in self._attempts.values():
            self._give_back(attempt, until)
        for dag_id, dag in self._fleet.dags.items():
            shown = self._result.dags[dag_id]
            if shown.left_out is None and dag.next is not None:
                shown.next = dag.next.run_after
        return self._result

    def _next(self, until: datetime) -> Event | None:
        """What happens next; the clock is put there. None if nothing does before `until`."""
        wake = self._fleet.next_wake()
        while self._ends and self._ends[0][2] not in self._attempts:
            heappop(self._ends)  # it was killed
        if self._ends and (wake is None or self._ends[0][0] <= wake):
            if self._ends[0][0] > until:
                return None
            at, _, token = heappop(self._ends)
            self._now = max(self._now, at)
            attempt = self._attempts.pop(token)
            self._give_back(attempt, self._now)
            outcome = Outcome(
                result=Result.SUCCESS,
                end_date=self._now,
                start_date=attempt.since,
                map_length=1,  # nobody knows what it would have returned
                asset_updates=_written_by(attempt.task.node.plan),
            )
            return AttemptEnded(token, outcome)
        if wake is None or wake > until:
            return None
        self._now = max(self._now, wake)
        return Tick()

    def _decide(self, event: Event) -> None:
        for query in needs(self._fleet, event, self._now):
            self._fleet.admit(*self._look_up(query))
        self._result.events += 1
        for change in decide(self._fleet, event, self._now):
            self._note(change)
        while self._told:
            self._decide(CommandGiven("timetable", self._told.popleft()))

    def _note(self, change: Change) -> None:
        match change:
            case Dispatch(attempt):
                self._begin(attempt.token, self._fleet.attempts[attempt.token], self._now)
            case RunCreated(run):
                self._note_run(run, is_there=False)
            case RunChanged(before, run):
                self._note_change(before, run)
            case TimetableAsked(dag_id, question):
                self._ask_timetable(dag_id, question)
            case Kill(token):
                if (killed := self._attempts.pop(token, None)) is not None:
                    self._give_back(killed, self._now)
            case _:
                pass

    def _ask_timetable(self, dag_id: str, question: TimetableQuestion) -> None:
        answer = self._ask(self._fleet.dags[dag_id], question) if self._ask is not None else None
        if answer is None:
            self._result.dags[dag_id].left_out = "nobody asks its author's own timetable here"
        else:
            if answer.error is not None:
                self._result.dags[dag_id].left_out = f"its timetable failed: {answer.error}"
            self._told.append(TimetableSaid(dag_id=dag_id, question=question, answer=answer))

    # --- runs -------------------------------------------------------------------------------

    def _note_run(self, row: RunSnapshot, *, is_there: bool) -> None:
        made_at = row.queued_at or self._now
        run = RunForecast(
            dag_id=row.key.dag_id,
            run_id=row.key.run_id,
            run_type=row.run_type.value,
            run_after=row.run_after,
            logical_date=row.logical_date,
            made_at=made_at,
            is_there=is_there,
            state=row.state.value,
        )
        self._runs[row.key] = run
        self._result.dags[row.key.dag_id].runs.append(run)

    def _note_change(self, before: RunState, row: RunSnapshot) -> None:
        run = self._runs.get(row.key)
        if run is None:  # a finished one that a backfill clears
            self._note_run(row, is_there=True)
            run = self._runs[row.key]
        run.state = row.state.value
        if before is not RunState.RUNNING and row.state is RunState.RUNNING:
            run.start = self._now
            self._begin_run(row.key.dag_id)
        if row.state in RUN_FINISHED:
            run.end = self._now
            del self._runs[row.key]
            if before is RunState.RUNNING:
                self._active[row.key.dag_id] -= 1

    def _begin_run(self, dag_id: str) -> None:
        active = self._active[dag_id] = self._active.get(dag_id, 0) + 1
        dag = self._result.dags[dag_id]
        dag.peak_runs = max(dag.peak_runs, active)

    # --- attempts ---------------------------------------------------------------------------

    def _begin(self, token: str, task: Task, since: datetime) -> None:
        run = self._runs[task.key.run]
        attempt = self._attempts[token] = _Attempt(task, run, since)
        self._result.tasks += 1
        end = max(self._now, since + self._durations.of(task.key))
        heappush(self._ends, (end, self._result.tasks, token))
        waited = self._now - (task.scheduled_at or self._now)
        for use, slots in self._used_by(task):
            use.take(slots, self._now)
            if waited and use.is_full:
                use.waits += 1
        run.tasks += 1
        run.waited += max(waited, timedelta(0))
        run.first_task = run.first_task or attempt.since

    def _give_back(self, attempt: _Attempt, at: datetime) -> None:
        for use, slots in self._used_by(attempt.task):
            use.give_back(slots, max(attempt.since, self._result.start), at)

    def _used_by(self, task: Task) -> list[tuple[Use, int]]:
        plan = task.node.plan
        executor = plan.executor or self._default_executor
        found = []
        if (pool := self._result.pools.get(plan.pool)) is not None:
            found.append((pool, plan.pool_slots))
        if (place := self._result.executors.get(executor)) is not None:
            found.append((place, 1))
        return found


def _written_by(task: TaskPlan) -> tuple[AssetUpdate, ...]:
    """What a success of a task writes as far as its DAG file says; aliases it does not."""
    return tuple(AssetUpdate(**outlet["asset"]) for outlet in task.outlets if "asset" in outlet)


def why_left_out(dag: Dag) -> str | None:
    """Why the schedule of a DAG makes no runs."""
    if dag.held is not None:
        return dag.held
    if dag.index.unsupported:
        return f"it cannot be run yet: {'; '.join(dag.index.unsupported)}"
    if not dag.plan.tasks:
        return "the DAG has no tasks"
    if (why := not_scheduled_yet(dag.plan)) is not None:
        return why
    if not dag.timetable.can_be_scheduled and dag.asset_queue.condition is None:
        return "the DAG has no schedule"
    return None

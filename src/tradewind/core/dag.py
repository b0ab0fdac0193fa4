"""What the fleet keeps of one DAG and of one backfill besides their runs."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tradewind.core.asset_queues import AssetQueue
from tradewind.core.limits import UNLIMITED, Limit
from tradewind.core.past import Succession
from tradewind.core.plan_index import PlanIndex
from tradewind.core.run_queue import RunQueue
from tradewind.model.errors import InvalidSchedule
from tradewind.model.intervals import DataInterval, RunInfo
from tradewind.model.keys import RunKey
from tradewind.model.plan import Plan, TaskPlan
from tradewind.model.snapshots import BackfillSnapshot, DagSnapshot
from tradewind.model.timetable_questions import TimetableQuestion
from tradewind.timetables import (
    AssetOrTimeTimetable,
    AssetTriggeredTimetable,
    NullTimetable,
    Timetable,
    from_spec,
)


class Dag:
    """One DAG: its latest version, its schedule and its limits."""

    __slots__ = (
        "active",
        "armed_for",
        "asked",
        "asset_queue",
        "code_hash",
        "dag_id",
        "failed_in_a_row",
        "fileloc",
        "go",
        "index",
        "is_full",
        "is_paused",
        "is_stale",
        "last",
        "limited",
        "next",
        "run_queue",
        "runs",
        "scheduled_runs",
        "succession",
        "there",
        "timetable",
        "tis",
        "wanted",
    )

    def __init__(self, snapshot: DagSnapshot, index: PlanIndex) -> None:
        self.dag_id = snapshot.plan.dag_id
        self.last = _last_run(snapshot.last_automated, snapshot.last_run_after)
        self.next: RunInfo | None = None
        self.armed_for: datetime | None = None
        """The time at which it is to make runs."""
        self.is_full = False
        """Whether it waits for one of its scheduled runs to finish before it makes another."""
        self.asked: set[TimetableQuestion] = set()
        """Questions that its timetable, if it is its author's own, has not answered yet."""
        self.wanted: TimetableQuestion | None = None
        """The one without whose answer its next run could not be told, when that was last tried."""
        self.asset_queue = AssetQueue()
        """Updates of assets that its next run by those will take."""
        self.runs: dict[RunKey, Any] = {}
        """Its unfinished runs."""
        self.succession = Succession()
        self.scheduled_runs = 0
        """Unfinished runs that the schedule made."""
        self.failed_in_a_row = snapshot.failed_in_a_row
        """Runs that ended last and failed, one after the other."""
        self.run_queue = RunQueue(snapshot.plan.max_active_runs)
        self.go = Limit("the DAG", UNLIMITED)
        """Stands for the DAG being allowed to start tasks at all."""
        self.there = Limit("the DAG's file", UNLIMITED)
        """The same for backfills that do not mind its being paused."""
        self.active = Limit(f"max_active_tasks of {self.dag_id}", snapshot.plan.max_active_tasks)
        self.tis: dict[str, Limit] = {}
        """max_active_tis_per_dag by task_id."""
        self.load(snapshot, index)

    def load(self, snapshot: DagSnapshot, index: PlanIndex) -> None:
        """Take over the latest version."""
        plan = snapshot.plan
        self.index = index
        self.limited = limited_by(plan)
        self.code_hash = snapshot.code_hash
        self.fileloc = snapshot.fileloc
        self.timetable = _timetable(plan)
        self.asked.clear()
        self.asset_queue.condition = _asset_condition(self.timetable)
        self.active.capacity = plan.max_active_tasks
        self.run_queue.capacity = plan.max_active_runs
        for task_id, limit in self.tis.items():
            limit.capacity = self._latest_limit(task_id)
        self.hold(paused=snapshot.is_paused, stale=snapshot.is_stale)

    def hold(self, *, paused: bool, stale: bool) -> None:
        """Note whether anything new may start."""
        self.is_paused, self.is_stale = paused, stale
        self.run_queue.held = self.held
        self.there.capacity = 0 if stale else UNLIMITED
        self.go.capacity = UNLIMITED if self.held is None else 0

    @property
    def plan(self) -> Plan:
        return self.index.plan

    @property
    def looks_back(self) -> bool:
        """Whether a task of its latest version, or of a run that goes on, depends on the past."""
        return bool(self.index.looks_at) or any(
            run.index.looks_at for run in self.runs.values() if run.index is not self.index
        )

    @property
    def held(self) -> str | None:
        """Why nothing new may start; None if it may."""
        if self.is_stale:
            return "the DAG is not in its file any more"
        return "the DAG is paused" if self.is_paused else None

    @property
    def is_scheduled(self) -> bool:
        """Whether its schedule may make runs."""
        return bool(
            self.held is None
            and self.plan.tasks
            and self.timetable.can_be_scheduled
            and not self.index.unsupported
        )

    def limit_of(self, task: TaskPlan) -> Limit | None:
        """Its max_active_tis_per_dag, by its own version or by the latest."""
        if task.max_active_tis_per_dag is None and task.task_id not in self.limited:
            return None
        limit = self.tis.get(task.task_id)
        if limit is None:
            name = f"max_active_tis_per_dag of {task.task_id}"
            limit = self.tis[task.task_id] = Limit(name, self._latest_limit(task.task_id))
        return limit

    def _latest_limit(self, task_id: str) -> int:
        """What the latest version says, also for runs of an older one; none if it dropped it."""
        place = self.index.by_id.get(task_id)
        latest = None if place is None else self.plan.tasks[place].max_active_tis_per_dag
        return UNLIMITED if latest is None else latest


def limited_by(plan: Plan) -> frozenset[str]:
    """The tasks to which a version gives a max_active_tis_per_dag."""
    return frozenset(task.task_id for task in plan.tasks if task.max_active_tis_per_dag is not None)


class Backfill:
    """One backfill that is not complete."""

    __slots__ = ("is_cancelled", "row", "run_queue", "unfinished", "upcoming")

    def __init__(self, row: BackfillSnapshot) -> None:
        self.row = row
        self.run_queue = RunQueue(row.max_active_runs)
        self.is_cancelled = False
        self.unfinished = 0
        """Runs of it that have not finished."""
        self.upcoming: tuple[list[RunInfo], Iterator[RunInfo]] | None = None
        """The next slice, and what comes after it; None until it is looked at."""

    def hold(self, dag: Dag) -> None:
        """Note whether its runs may start."""
        if self.is_cancelled:
            self.run_queue.held = "the backfill is being cancelled"
        elif self.row.is_paused:
            self.run_queue.held = "the backfill is paused"
        else:
            self.run_queue.held = held_for(dag, self)

    def cancel(self) -> None:
        """Start and make no more of its runs."""
        self.is_cancelled = True
        self.run_queue.held = "the backfill is being cancelled"


def held_for(dag: Dag, backfill: Backfill | None) -> str | None:
    """Why a run may not start anything new; some backfills go on while their DAG is paused."""
    if backfill is not None and backfill.row.ignore_dag_pause and not dag.is_stale:
        return None
    return dag.held


def _timetable(plan: Plan) -> Timetable:
    try:
        return from_spec(plan.schedule)
    except InvalidSchedule:
        return NullTimetable()  # of a newer version; it can still be triggered


def _asset_condition(timetable: Timetable) -> dict[str, Any] | None:
    if isinstance(timetable, AssetTriggeredTimetable | AssetOrTimeTimetable):
        return timetable.expression
    return None


def _last_run(interval: DataInterval | None, run_after: datetime | None) -> RunInfo | None:
    if run_after is None:
        return None
    return RunInfo(run_after, interval)

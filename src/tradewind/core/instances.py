"""Runs and task instances as the fleet holds them: mutable, small, and turned into rows on demand."""

from collections import deque
from datetime import datetime, timedelta
from typing import Any

from tradewind.core.dag import Backfill, Dag, held_for
from tradewind.core.joins import UpstreamEnds
from tradewind.core.limits import Lane, Limit
from tradewind.core.plan_index import Node, PlanIndex
from tradewind.core.rules import Counts
from tradewind.core.run_queue import RunQueue
from tradewind.model.attempts import RunFacts
from tradewind.model.keys import RunKey, TaskKey
from tradewind.model.plan import TaskPlan
from tradewind.model.snapshots import RunSnapshot, TaskSnapshot
from tradewind.model.states import FINISHED, RunState, RunType, TaskState

_UNFINISHED = {state: int(state not in FINISHED) for state in TaskState}
_MOVING = _UNFINISHED | {TaskState.NONE: 0}
_TRY_FACTS = (
    "state",
    "try_number",
    "max_tries",
    "token",
    "scheduled_at",
    "queued_at",
    "start_date",
    "end_date",
    "due_at",
    "reschedules",
    "code_hash",
    "hostname",
    "pid",
    "cpu_s",
    "max_rss_kib",
    "exit_reason",
)


class Task:
    """One task instance."""

    __slots__ = (*_TRY_FACTS, "key", "node", "run")

    def __init__(self, run: "Run", node: Node, snapshot: TaskSnapshot) -> None:
        self.run = run
        self.node = node
        self.key = snapshot.key
        self.state = snapshot.state
        self.try_number = snapshot.try_number
        self.max_tries = snapshot.max_tries
        self.token = snapshot.token
        self.scheduled_at = snapshot.scheduled_at
        self.queued_at = snapshot.queued_at
        self.start_date = snapshot.start_date
        self.end_date = snapshot.end_date
        self.due_at = snapshot.due_at
        self.reschedules = snapshot.reschedules
        self.code_hash = snapshot.code_hash
        self.hostname = snapshot.hostname
        self.pid = snapshot.pid
        self.cpu_s = snapshot.cpu_s
        self.max_rss_kib = snapshot.max_rss_kib
        self.exit_reason = snapshot.exit_reason

    @property
    def counts(self) -> Counts:
        """How those directly upstream ended."""
        return self.run.joins[self.node.join].counts

    @property
    def order(self) -> tuple[Any, ...]:
        """Who goes first among those that wait for the same slot: the least."""
        run = self.run
        when = run.logical_date or run.run_after
        return (
            -self.node.plan.priority_weight,
            when,
            self.key.map_index,
            self.node.place,
            run.key,
        )

    @property
    def had_try(self) -> bool:
        """Whether the row holds a try that was handed to an executor."""
        return self.queued_at is not None

    @property
    def waits_for_first(self) -> bool:
        """Whether nothing upstream has ended yet, and its trigger rule wants something to."""
        return self.run.joins[self.node.join].is_untouched and not self.node.goes_at_once

    def snapshot(self) -> TaskSnapshot:
        """Its row."""
        plan = self.node.plan
        return TaskSnapshot(
            key=self.key,
            state=self.state,
            try_number=self.try_number,
            max_tries=self.max_tries,
            token=self.token,
            scheduled_at=self.scheduled_at,
            queued_at=self.queued_at,
            start_date=self.start_date,
            end_date=self.end_date,
            due_at=self.due_at,
            reschedules=self.reschedules,
            code_hash=self.code_hash,
            hostname=self.hostname,
            pid=self.pid,
            cpu_s=self.cpu_s,
            max_rss_kib=self.max_rss_kib,
            exit_reason=self.exit_reason,
            operator=plan.operator,
            pool=plan.pool,
            pool_slots=plan.pool_slots,
            queue=plan.queue,
            executor=plan.executor,
            priority_weight=plan.priority_weight,
        )


_RUN_FACTS = (
    "run_type",
    "state",
    "run_after",
    "logical_date",
    "data_interval_start",
    "data_interval_end",
    "queued_at",
    "start_date",
    "end_date",
    "conf",
    "triggered_by",
    "triggering_user_name",
    "note",
    "backfill_id",
    "sort_ordinal",
    "clear_number",
)


class Run:
    """One run with its task instances."""

    __slots__ = (
        *_RUN_FACTS,
        "_facts",
        "active",
        "backfill",
        "choices",
        "dag",
        "ending",
        "index",
        "joins",
        "key",
        "lanes",
        "moving",
        "tasks",
        "tis",
        "unchecked",
        "unfinished",
        "unmade",
    )

    run_type: RunType
    run_after: datetime
    state: RunState
    logical_date: datetime | None
    queued_at: datetime | None
    start_date: datetime | None
    end_date: datetime | None
    note: str | None
    backfill_id: int | None
    sort_ordinal: int | None
    clear_number: int

    def __init__(
        self, snapshot: RunSnapshot, *, dag: Dag, index: PlanIndex, backfill: Backfill | None
    ) -> None:
        self.key: RunKey = snapshot.key
        self.dag = dag
        self.backfill = backfill
        for name in _RUN_FACTS:
            setattr(self, name, getattr(snapshot, name))
        self._facts: RunFacts | None = None
        self.unchecked: deque[Task] = deque()
        """Task instances for the gates to judge."""
        self.choices = {(task_id, index): value for task_id, index, value in snapshot.choices}
        """What its tasks have chosen to go on with, by task_id and map_index (`core/choices.py`)."""
        self.ending: Any = None
        """How it is being ended from outside (`core/endings.py`); None if it is not."""
        self.unmade: deque[Node] = deque()
        """Tasks whose instances are still to be made, before it may start."""
        self.pin(index)
        self.fill(snapshot.tasks)

    def pin(self, index: PlanIndex) -> None:
        """Take the tasks' plan from this version; its slots must not be in use."""
        self.index = index
        self.lanes: dict[int, Lane] = {}
        """By the number of the task's lane, or its own if only the latest version limits it."""
        self.active = Limit(
            f"max_active_tasks of run {self.key.run_id}", index.plan.max_active_tasks
        )
        self.tis: dict[int, Limit] = {}

    def fill(self, snapshots: tuple[TaskSnapshot, ...]) -> None:
        """Make its task instances from their rows."""
        self.tasks: list[Task | None] = [None] * len(self.index.nodes)
        self.unfinished = self.moving = 0
        self.add_tasks(snapshots)
        self.connect()

    def add_tasks(self, snapshots: tuple[TaskSnapshot, ...]) -> None:
        """Make more of its task instances from their rows."""
        for snapshot in snapshots:
            place = self.index.by_id.get(snapshot.key.task_id)
            if place is not None:
                task = self.tasks[place] = Task(self, self.index.nodes[place], snapshot)
                self.count(TaskState.REMOVED, task.state)

    def connect(self) -> None:
        """Count what became of the task instances upstream of each join."""
        self.joins = [UpstreamEnds() for _ in self.index.joins]
        for join, ends in zip(self.index.joins, self.joins, strict=True):
            for place in join.upstream:
                if (upstream := self.tasks[place]) is not None:
                    ends.add(upstream.state)

    def find_unmade(self) -> None:
        """Find out which task instances are still to be made, if it was not made to the end."""
        is_new = self.state is RunState.QUEUED and self.start_date is None
        if is_new and not self.clear_number and None in self.tasks:
            date = None if self.backfill_id is not None else self.logical_date
            self.unmade.extend(
                node
                for node, task in zip(self.index.nodes, self.tasks, strict=True)
                if task is None and is_in_window(node.plan, date)
            )

    def instances(self) -> list[Task]:
        """All its task instances, in topological order."""
        return [task for task in self.tasks if task is not None]

    def count(self, before: TaskState, after: TaskState) -> None:
        """Keep `unfinished`, and `moving`: those that are under way or will be without a push."""
        self.unfinished += _UNFINISHED[after] - _UNFINISHED[before]
        self.moving += _MOVING[after] - _MOVING[before]

    @property
    def queue(self) -> RunQueue:
        """Where it waits for a run slot."""
        return self.dag.run_queue if self.backfill is None else self.backfill.run_queue

    @property
    def deadline(self) -> datetime | None:
        """When its dagrun_timeout will have passed; None if it has none or has not started."""
        timeout_s = self.index.plan.dagrun_timeout_s
        if timeout_s is None or self.start_date is None:
            return None
        return self.start_date + timedelta(seconds=timeout_s)

    def changed(self) -> None:
        """Forget what was derived from its facts."""
        self._facts = None

    @property
    def held(self) -> str | None:
        """Why nothing new of it may start; None if it may."""
        return held_for(self.dag, self.backfill)

    def facts(self) -> RunFacts:
        """What its tasks may know of it."""
        if self._facts is None:
            shot = self.snapshot()
            self._facts = RunFacts(
                run_type=shot.run_type,
                run_after=shot.run_after,
                logical_date=shot.logical_date,
                data_interval_start=shot.data_interval_start,
                data_interval_end=shot.data_interval_end,
                start_date=shot.start_date,
                conf=shot.conf,
                triggered_by=shot.triggered_by,
                triggering_user_name=shot.triggering_user_name,
                note=shot.note,
                clear_number=shot.clear_number,
            )
        return self._facts

    def snapshot(self) -> RunSnapshot:
        """Its row, without its task instances."""
        facts: dict[str, Any] = {name: getattr(self, name) for name in _RUN_FACTS}
        return RunSnapshot(key=self.key, version=self.index.version, **facts)


def is_in_window(task: TaskPlan, date: datetime | None) -> bool:
    """Whether a task has an instance in a run of that date; in backfills (None) every task has."""
    if date is None:
        return True
    if task.start_date is not None and date < task.start_date:
        return False
    return task.end_date is None or date <= task.end_date


def new_task(run_key: RunKey, node: Node) -> TaskSnapshot:
    """A task instance as it is when its run is made."""
    plan = node.plan
    return TaskSnapshot(
        key=TaskKey(run_key.dag_id, run_key.run_id, plan.task_id),
        max_tries=plan.retries,
        operator=plan.operator,
        pool=plan.pool,
        pool_slots=plan.pool_slots,
        queue=plan.queue,
        executor=plan.executor,
        priority_weight=plan.priority_weight,
    )

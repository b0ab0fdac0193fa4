"""The rows as they must stand in the database, kept from the Changes that were committed.

Each change is compared with what was there before, as the store has to.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from tests.simulation.agenda import START
from tests.simulation.violation import require
from tradewind.model import changes as c
from tradewind.model.deferral import Waiting
from tradewind.model.keys import RunKey, TaskKey
from tradewind.model.plan import Plan, TaskPlan
from tradewind.model.snapshots import (
    BackfillSnapshot,
    DagSnapshot,
    FleetSnapshot,
    RunSnapshot,
    TaskSnapshot,
)
from tradewind.model.states import TaskState


class Mirror:
    """Rows by their keys."""

    def __init__(self) -> None:
        self.dags: dict[str, DagSnapshot] = {}
        """As this scheduler knows them."""
        self.plans: dict[tuple[str, int], Plan] = {}
        self.by_id: dict[tuple[str, int], dict[str, tuple[int, TaskPlan]]] = {}
        self.pools: dict[str, int] = {}
        self.slots = 0
        self.runs: dict[RunKey, RunSnapshot] = {}
        self.tasks: dict[TaskKey, TaskSnapshot] = {}
        self.of_run: dict[RunKey, list[TaskKey]] = {}
        self.xcoms: dict[tuple[TaskKey, str], Any] = {}
        self.fields: dict[TaskKey, Any] = {}
        self.history: dict[tuple[TaskKey, int], TaskSnapshot] = {}
        self.waiting: dict[TaskKey, Waiting] = {}
        self.backfills: dict[int, BackfillSnapshot] = {}
        self.last_of: dict[str, tuple[datetime, datetime]] = {}
        """Data interval of the last run that a schedule made."""
        self.overtaken: dict[TaskKey, int] = {}
        """Slots of its pool that went to others who come after it, since there were enough for it."""
        self.answers: dict[str, c.CommandAnswered] = {}
        self.logged = 0
        self.is_doomed = False
        """Two commands of one turn ask for the same run, and the first has ended before the second
        was looked at: this turn cannot be committed, and each gets one of its own."""
        self.latest = START
        """The latest time that anything was decided at: clocks may be put back."""

    def copy(self) -> "Mirror":
        """The same rows, to go on from."""
        made = Mirror()
        for name, value in vars(self).items():
            setattr(made, name, value.copy() if isinstance(value, dict) else value)
        made.plans, made.by_id = self.plans, self.by_id  # a version never changes
        return made

    def know(self, snapshot: FleetSnapshot) -> None:
        """What a scheduler has just loaded of DAGs and pools."""
        self.dags = {}
        for dag in snapshot.dags:
            self.learn(dag)
        for dag_id, version, plan in snapshot.plans:
            self.plans[dag_id, version] = plan
        self.pools = {pool.name: pool.slots for pool in snapshot.pools}

    def learn(self, dag: DagSnapshot) -> None:
        self.dags[dag.plan.dag_id] = dag
        self.plans[dag.plan.dag_id, dag.version] = dag.plan

    def plan_of(self, run: RunSnapshot) -> Plan:
        return self.plans[run.key.dag_id, run.version]

    def task_plan(self, key: TaskKey) -> TaskPlan:
        """The plan of one task instance."""
        run = self.runs[key.run]
        by_id = self.by_id.get((run.key.dag_id, run.version))
        if by_id is None:
            plan = self.plan_of(run)
            by_id = {task.task_id: (place, task) for place, task in enumerate(plan.tasks)}
            self.by_id[run.key.dag_id, run.version] = by_id
        return by_id[key.task_id][1]

    def place_of(self, key: TaskKey) -> int:
        """Where its task stands in the DAG."""
        self.task_plan(key)
        run = self.runs[key.run]
        return self.by_id[run.key.dag_id, run.version][key.task_id][0]

    def tasks_of(self, key: RunKey) -> list[TaskSnapshot]:
        return [self.tasks[task] for task in self.of_run[key]]

    def unfinished_backfill(self, run: RunSnapshot) -> BackfillSnapshot | None:
        row = self.backfills.get(run.backfill_id or 0)
        return None if row is None or row.completed_at is not None else row

    def apply(self, change: c.Change) -> None:
        """Write one change."""
        match change:
            case c.TaskChanged(before, before_try, row):
                old = self.tasks[row.key]
                fits = (old.state, old.try_number) == (before, before_try)
                require(fits, "compare-and-set", f"{row.key} was {old.state} {old.try_number}")
                self.tasks[row.key] = row
                self.logged += 1
            case c.RunChanged(before, run):
                old_run = self.runs[run.key]
                require(old_run.state is before, "compare-and-set", f"{run.key} {old_run.state}")
                self.runs[run.key] = run
                self.logged += 1
            case c.RunCreated(run):
                require(run.key not in self.runs, "one run per name", f"{run.key} is there")
                self.runs[run.key] = replace(run, tasks=())
                self.tasks |= {row.key: row for row in run.tasks}
                self.of_run[run.key] = [row.key for row in run.tasks]
                self.logged += 1
            case c.TasksCreated(run_key, rows):
                for row in rows:
                    require(row.key not in self.tasks, "one row per task", f"{row.key} is there")
                    self.tasks[row.key] = row
                self.of_run[run_key] = [*self.of_run[run_key], *(row.key for row in rows)]
                self.logged += 1
            case c.TaskExpanded(key):
                require(self.tasks[key].state is TaskState.NONE, "compare-and-set", f"{key}")
                del self.tasks[key]
                self.of_run[key.run] = [other for other in self.of_run[key.run] if other != key]
                self.logged += 1
            case c.TryArchived(key, try_number):
                old = self.tasks[key]
                require(old.try_number == try_number, "history", f"{key} is at {old.try_number}")
                self.history.setdefault((key, try_number), old)
                self.fields.pop(key, None)
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
            case c.FieldsWritten(key, fields):
                self.fields[key] = fields
            case c.WaitWritten(waiting):
                self.waiting[waiting.key] = waiting
            case c.WaitOver(key):
                require(key in self.waiting, "a wait ends once", f"{key}")
                del self.waiting[key]
            case c.ScheduleMoved(dag_id, last):
                if last is not None and last.data_interval is not None:
                    self.last_of[dag_id] = (last.data_interval.start, last.data_interval.end)
            case c.BackfillWritten(row):
                self.backfills[row.backfill_id] = row
                self.logged += 1
            case c.DagPaused(dag_id):
                if dag_id in self.dags:
                    self.dags[dag_id] = replace(self.dags[dag_id], is_paused=True)
                self.logged += 1
            case c.CommandAnswered():
                again = change.command_id in self.answers
                require(not again, "a command is answered once", change.command_id)
                self.answers[change.command_id] = change

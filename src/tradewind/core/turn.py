"""One call of `decide` in the making: the Changes so far, and the steps every part takes alike.

Every change of a task instance's or run's state goes through `move` and `move_run`.
"""

from datetime import datetime
from typing import Any

from tradewind.core.fleet import Fleet
from tradewind.core.instances import Run
from tradewind.core.task_instance import Task
from tradewind.core.waiting import moved
from tradewind.model.changes import Change, Kill, RunChanged, RunCreated, TaskChanged, TryArchived
from tradewind.model.snapshots import RunSnapshot
from tradewind.model.states import (
    FINISHED,
    MAY_ASK,
    OCCUPYING,
    RunState,
    TaskState,
    check_run_step,
    check_task_step,
)

SLICE = 200
"""Rows that one step of a turn writes, and task instances it looks at, before the others go on."""


class Turn:
    """Collects the Changes that one event leads to."""

    __slots__ = ("_spent", "_until", "changes", "fleet", "now")

    def __init__(self, fleet: Fleet, now: datetime) -> None:
        self.fleet = fleet
        self.now = now
        self.changes: list[Change] = []
        self._spent = 0
        self._until = 0

    @property
    def spent(self) -> int:
        """How much has been done, in Changes and in what was looked at or written besides."""
        return self._spent + len(self.changes)

    @property
    def has_room(self) -> bool:
        """Whether the step under way may do more, or is to leave the rest to a later turn."""
        return self._spent + len(self.changes) < self._until

    def begin_step(self) -> None:
        """Let a step do its share, whatever others have done before it."""
        self._until = self.spent + SLICE

    def spend(self, effort: int = 1) -> None:
        """Count what makes no Change of its own."""
        self._spent += effort

    def emit(self, change: Change) -> None:
        self.changes.append(change)

    def move(self, task: Task, state: TaskState, reason: str, **facts: Any) -> None:
        """Bring a task instance to `state`, set `facts` of its row, and tell whom it concerns."""
        before, before_try = task.state, task.try_number
        check_task_step(before, state)
        for name, value in facts.items():
            setattr(task, name, value)
        task.state = state
        if before in OCCUPYING and state not in OCCUPYING:
            self._withdraw(task)
        elif before is TaskState.SCHEDULED and state not in OCCUPYING:
            self.fleet.turnstile.left(self.fleet.slots.lane_of(task))
        run = task.run
        run.count(before, state)
        if state in FINISHED or before in FINISHED:
            self.fleet.look_at(run.went(task, before, state))
            if run.dag.succession.followers:
                self._tell_later_runs(task)
        if state is TaskState.NONE:
            self.fleet.check(task)
        self.fleet.touched.add(run)
        self.changes.append(TaskChanged(before, before_try, task.snapshot(), reason))
        if task.waiting is not None:
            moved(self, task, before, state)
        if self.fleet.inquiries and state not in MAY_ASK:
            self.fleet.inquiries.pop(task.key, None)

    def rewrite(self, task: Task, reason: str, **facts: Any) -> None:
        """Set `facts` of a task instance's row; its state stays."""
        for name, value in facts.items():
            setattr(task, name, value)
        self.changes.append(TaskChanged(task.state, task.try_number, task.snapshot(), reason))

    def _withdraw(self, task: Task) -> None:
        """Its try may report no more, and its slots are free."""
        if task.token is not None:
            self.fleet.attempts.pop(task.token, None)
            task.token = None
            self.fleet.turnstile.release(self.fleet.slots.lane_of(task))

    def _tell_later_runs(self, task: Task) -> None:
        run = task.run
        for later in run.dag.succession.followers.get(run.key, ()):
            later.past.forget(task.key.task_id)
            if run.has_ended(task.node.place):
                for place in later.index.looks_at.get(task.key.task_id, ()):
                    self.fleet.look_at(later.at(place))

    def kill(self, task: Task, reason: str) -> None:
        """End its processes, if its try has been handed to an executor."""
        if task.token is not None:
            self.changes.append(Kill(task.token, reason))

    def archive(self, task: Task) -> None:
        """Keep its row as history if it holds a try."""
        if task.had_try:
            self.changes.append(TryArchived(task.key, task.try_number))

    def create_run(self, run: Run, row: RunSnapshot, reason: str) -> None:
        """Take in a new queued run, just made from `row`."""
        self.fleet.add_run(run)
        self.changes.append(RunCreated(row, reason))
        self.spend(len(row.tasks))
        if run.unmade:
            self.fleet.unmade.add(run)
        else:
            self.queue_run(run)

    def move_run(self, run: Run, state: RunState, reason: str, **facts: Any) -> None:
        """Bring a run to `state` and set `facts` of its row."""
        check_run_step(run.state, state)
        self.rewrite_run(run, reason, state=state, **facts)

    def rewrite_run(self, run: Run, reason: str, **facts: Any) -> None:
        """Set `facts` of a run's row."""
        before = run.state
        for name, value in facts.items():
            setattr(run, name, value)
        run.changed()
        self.changes.append(RunChanged(before, run.snapshot(), reason))

    def queue_run(self, run: Run) -> None:
        """Let a queued run wait for its time and then for a run slot."""
        if run.run_after > self.now:
            self.fleet.wake_at(run.run_after, run.key)
        else:
            self.fleet.enqueue(run)

"""A run with its task instances as the fleet holds it: mutable, and turned into a row on demand."""

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from tradewind.core.dag import Backfill, Dag, held_for
from tradewind.core.joins import UpstreamEnds
from tradewind.core.limits import Lane, Limit
from tradewind.core.past import Past
from tradewind.core.places import places_of
from tradewind.core.plan_index import Node, PlanIndex
from tradewind.core.rules import Counts
from tradewind.core.run_queue import RunQueue
from tradewind.core.spreads import Spread
from tradewind.core.task_instance import Task
from tradewind.model.attempts import RunFacts
from tradewind.model.keys import RunKey
from tradewind.model.snapshots import RunSnapshot, TaskSnapshot
from tradewind.model.states import FAILED_STATES, FINISHED, RunState, RunType, TaskState

_UNFINISHED = {state: int(state not in FINISHED) for state in TaskState}
_MOVING = _UNFINISHED | {TaskState.NONE: 0}

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
        "growing",
        "index",
        "inside",
        "joins",
        "key",
        "lanes",
        "moving",
        "past",
        "spreads",
        "strays",
        "tasks",
        "tis",
        "unchecked",
        "unfinished",
        "unmade",
        "whole",
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
        self.past: Past | None = None
        """The run before it."""
        self.unchecked: deque[Task] = deque()
        """Task instances for the gates to judge."""
        self.choices = {(task_id, index): value for task_id, index, value in snapshot.choices}
        """What its tasks have chosen to go on with, by task_id and map_index (`core/choices.py`)."""
        self.ending: Any = None
        """How it is being ended from outside (`core/endings.py`); None if it is not."""
        self.unmade: deque[tuple[Node, int]] = deque()
        """Task instances, by task and map index, that are still to be made before it may start."""
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
        """Of each task the instance that stands for itself; None of one that is expanded."""
        self.spreads: dict[int, Spread] = {}
        """Of each task that is expanded what it has become, by the task's number."""
        self.growing: deque[int] = deque()
        """Tasks that are expanded and lack some of their instances."""
        self.unfinished = self.moving = 0
        self.strays = tuple(row for row in snapshots if row.key.task_id not in self.index.by_id)
        """Rows of tasks that its version does not have; a later one may."""
        self.add_tasks(snapshots)
        for place, spread in self.spreads.items():
            if spread.unmade:
                self.unfinished += spread.unmade
                self.growing.append(place)
        self.connect()

    def add_tasks(self, snapshots: tuple[TaskSnapshot, ...]) -> None:
        """Make more of its task instances from their rows."""
        for snapshot in snapshots:
            place = self.index.by_id.get(snapshot.key.task_id)
            if place is not None:
                task = Task(self, self.index.nodes[place], snapshot)
                self.count(TaskState.REMOVED, task.state)
                if snapshot.key.map_index < 0:
                    self.tasks[place] = task
                else:
                    self.spreads.setdefault(place, Spread()).put(snapshot.key.map_index, task)

    def connect(self) -> None:
        """Count what became of the task instances upstream of each join."""
        self.joins = [UpstreamEnds() for _ in self.index.joins]
        """What all members of a join see alike."""
        self.whole: dict[int, UpstreamEnds] = {}
        """Of hasty joins: the task instances in their mapped group, whatever their map index."""
        self.inside: dict[tuple[int, int], UpstreamEnds] = {}
        """By join and map index: those in the mapped group, where several are waited for."""
        for number, (join, ends) in enumerate(zip(self.index.joins, self.joins, strict=True)):
            if join.is_hasty:
                self.whole[number] = UpstreamEnds()
            for place in join.upstream:
                for upstream in self.at(place):
                    if upstream.key.map_index < 0 or place not in join.inside:
                        ends.add(upstream.state)
                    elif join.is_hasty:
                        self.whole[number].add(upstream.state)
                if place in self.spreads:
                    self._expect(number, place, self.spreads[place].unmade)

    def find_unmade(self) -> None:
        """Find out which task instances are still to be made, if it was not made to the end."""
        is_new = self.state is RunState.QUEUED and self.start_date is None
        if is_new and not self.clear_number:
            date = None if self.backfill_id is not None else self.logical_date
            self.unmade.extend(
                place
                for place in places_of(self.index, date)
                if self.find(place[0].plan.task_id, place[1]) is None
            )

    def at(self, place: int) -> Sequence[Task]:
        """The task instances of one task, by map index."""
        spread = self.spreads.get(place)
        if spread is not None:
            return spread.made()
        task = self.tasks[place]
        return () if task is None else (task,)

    def find(self, task_id: str, map_index: int) -> Task | None:
        """One task instance."""
        place = self.index.by_id.get(task_id)
        if place is None:
            return None
        if map_index < 0:
            return self.tasks[place]
        spread = self.spreads.get(place)
        return None if spread is None else spread.get(map_index)

    def beside(self, task: Task, place: int) -> Task | None:
        """Of another task the instance that stands on its own, or, in one mapped group with `task`,
        that of the same map index."""
        mapping = task.node.mapping
        if mapping is None or self.index.nodes[place].mapping != mapping:
            return self.tasks[place]
        spread = self.spreads.get(place)
        return self.tasks[place] if spread is None else spread.get(task.key.map_index)

    def instances(self) -> list[Task]:
        """All its task instances, in topological order, then by map index."""
        if not self.spreads:
            return [task for task in self.tasks if task is not None]
        return [task for place in range(len(self.tasks)) for task in self.at(place)]

    # --- mapped tasks -------------------------------------------------------------------------

    def length_of(self, mapping: int) -> int | None:
        """How many task instances the tasks of a mapping ought to have; None if nobody knows."""
        return self.index.mappings[mapping].length(self._items_of)

    def has_ended(self, place: int) -> bool:
        """Whether every instance of a task has finished."""
        spread, task = self.spreads.get(place), self.tasks[place]
        return not spread.unended if spread else task is None or task.state in FINISHED

    def _items_of(self, task_id: str) -> int | None:
        place = self.index.by_id.get(task_id)
        if place is None:
            return None
        spread = self.spreads.get(place)
        if spread is None:
            task = self.tasks[place]
            return None if task is None else task.map_length
        if spread.unended:
            return None
        return sum(
            task.map_length or 0 for task in spread.made() if task.state is not TaskState.REMOVED
        )

    def expand(self, task: Task, length: int) -> list[Task]:
        """Let a task have `length` instances instead of this one; whom that may concern."""
        node = task.node
        self.tasks[node.place] = None
        self.count(task.state, TaskState.REMOVED)
        task.state = TaskState.REMOVED  # it may still be about to be looked at
        self.spreads[node.place] = Spread()
        self.spreads[node.place].is_stale = False
        self.lengthen(node, length)
        concerned = []
        for number in node.downstream:
            self.joins[number].expect(-1)
            join = self.index.joins[number]
            if node.place in join.inside:
                concerned += [one for member in join.members for one in self.at(member)]
        return concerned

    def lengthen(self, node: Node, length: int) -> int:
        """Let an expanded task have at least `length` instances; how many are to be made."""
        spread = self.spreads[node.place]
        added = spread.reach(length)
        self.unfinished += added
        if added:
            self.growing.appendleft(node.place)  # its last instance is to be in this very decision
        for number in node.downstream:
            self._expect(number, node.place, added)
        return added

    def _expect(self, number: int, place: int, more: int) -> None:
        join = self.index.joins[number]
        if place not in join.inside:
            self.joins[number].expect(more)
        elif join.is_hasty:
            self.whole[number].expect(more)
        if place in join.inside:
            self.inside = {at: ends for at, ends in self.inside.items() if at[0] != number}

    def counts_for(self, task: Task, number: int) -> Counts:
        """How those upstream of a join ended, as one of its task instances sees it."""
        counts = self.joins[number].counts
        join = self.index.joins[number]
        if not join.inside:
            return counts
        if task.key.map_index >= 0:
            return counts.plus(self._inside(number, task.key.map_index).counts)
        return counts.plus(self.whole[number].counts) if join.is_hasty else counts

    def _inside(self, number: int, map_index: int) -> UpstreamEnds:
        """What became of those of one map index in the mapped group that are upstream of a join."""
        known = self.inside.get((number, map_index))
        if known is not None:
            return known
        ends = UpstreamEnds()
        for place in self.index.joins[number].inside:
            spread = self.spreads.get(place)
            if spread is not None and (upstream := spread.get(map_index)) is not None:
                ends.add(upstream.state)
            elif spread is not None and map_index < len(spread.tasks):
                ends.expect(1)  # it is still to be made
        return ends

    def went(self, task: Task, before: TaskState, after: TaskState) -> Iterator[Task]:
        """Count a change of state of a task instance; those downstream whom it may concern."""
        node, map_index = task.node, task.key.map_index
        if map_index >= 0:
            self.spreads[node.place].went(before, after)
        for number in node.downstream:
            join = self.index.joins[number]
            if map_index >= 0 and node.place in join.inside:
                yield from self._went_inside(number, map_index, before, after)
            elif self.joins[number].went(before, after, join.eager):
                for place in join.members:
                    yield from self.at(place)
        for place in node.feeds:
            if (spread := self.spreads.get(place)) is not None:
                spread.is_stale |= after is TaskState.NONE
                if map_index < 0 and after in (*FAILED_STATES, TaskState.SKIPPED):
                    yield from spread.made()
            elif (waiting := self.tasks[place]) is not None and self.has_ended(node.place):
                yield waiting

    def _went_inside(
        self, number: int, map_index: int, before: TaskState, after: TaskState
    ) -> Iterator[Task]:
        join = self.index.joins[number]
        known = self.inside.get((number, map_index))
        ends = self._inside(number, map_index)
        if known is None:
            concerns = ends.is_complete or after in join.eager
        else:
            concerns = ends.went(before, after, join.eager)
        if not ends.is_complete:
            self.inside[number, map_index] = ends
        elif known is not None:
            del self.inside[number, map_index]
        concerns_all = join.is_hasty and self.whole[number].went(before, after, join.eager)
        for place in join.members:
            spread = self.spreads.get(place)
            if spread is None:
                if concerns_all and (waiting := self.tasks[place]) is not None:
                    yield waiting
            elif concerns and (other := spread.get(map_index)) is not None:
                yield other

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

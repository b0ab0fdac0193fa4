"""A Plan compiled for deciding: tasks by number, edges as joins. One for all its runs."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from tradewind.core.abilities import not_yet
from tradewind.core.rules import RULES
from tradewind.model.plan import Plan, TaskPlan, TriggerRule
from tradewind.model.states import FINISHED, TaskState


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One task of a Plan."""

    place: int
    """Its number, in topological order."""
    plan: TaskPlan
    join: int
    """Number of the join it waits for."""
    downstream: tuple[int, ...]
    """Numbers of the joins it is upstream of."""
    lane: int
    """Number of its lane: tasks of one lane need the same slots."""
    choosers: tuple[int, ...]
    """Numbers of the tasks directly upstream that choose which of those after them run."""
    goes_at_once: bool
    """Whether its trigger rule lets it go before any upstream task has ended."""


@dataclass(slots=True, eq=False)
class Join:
    """All tasks of one trigger rule that are directly downstream of the very same tasks."""

    upstream: tuple[int, ...]
    eager: frozenset[TaskState]
    """Upstream ends that may decide the rule, or a choice, before all have finished."""
    choosers: tuple[int, ...]
    members: list[int] = field(default_factory=list)


class PlanIndex:
    """One version of one DAG."""

    __slots__ = (
        "by_id",
        "earliest",
        "joins",
        "latest",
        "leaves",
        "names_executors",
        "nodes",
        "plan",
        "unsupported",
        "version",
    )

    def __init__(self, plan: Plan, version: int) -> None:
        self.plan = plan
        self.version = version
        self.by_id = {task.task_id: place for place, task in enumerate(plan.tasks)}
        join_of = self._join(plan.tasks)
        downstream: list[list[int]] = [[] for _ in plan.tasks]
        for number, join in enumerate(self.joins):
            for place in join.upstream:
                downstream[place].append(number)
        lanes: dict[object, int] = {}
        self.nodes = tuple(
            Node(
                place=place,
                plan=task,
                join=join_of[place],
                downstream=tuple(downstream[place]),
                lane=lanes.setdefault(_lane_key(place, task), len(lanes)),
                choosers=self.joins[join_of[place]].choosers,
                goes_at_once=task.trigger_rule is TriggerRule.ALWAYS,
            )
            for place, task in enumerate(plan.tasks)
        )
        self.leaves = tuple(node.place for node in self.nodes if not node.downstream)
        self.names_executors = any(task.executor is not None for task in plan.tasks)
        self.earliest = _earliest(plan)
        self.latest = _latest(plan)
        self.unsupported = not_yet(plan)

    def _join(self, tasks: tuple[TaskPlan, ...]) -> list[int]:
        """Make the joins; which of them each task waits for."""
        numbers: dict[tuple[tuple[str, ...], TriggerRule], int] = {}
        self.joins: list[Join] = []
        join_of = []
        for place, task in enumerate(tasks):
            rule = task.trigger_rule
            number = numbers.setdefault((task.upstream, rule), len(numbers))
            if number == len(self.joins):
                upstream = tuple(self.by_id[name] for name in task.upstream)
                choosers = tuple(at for at in upstream if tasks[at].may_skip_downstream)
                eager = FINISHED if choosers else RULES[rule].eager
                self.joins.append(Join(upstream, eager, choosers))
            self.joins[number].members.append(place)
            join_of.append(number)
        return join_of

    def related(self, places: Iterable[int], *, upstream: bool, downstream: bool) -> list[int]:
        """`places` with all that is upstream or downstream of them, in topological order."""
        chosen = set(places)
        if upstream:
            chosen |= self._closure(places, up=True)
        if downstream:
            chosen |= self._closure(places, up=False)
        return sorted(chosen)

    def _closure(self, places: Iterable[int], *, up: bool) -> set[int]:
        seen: set[int] = set()
        crossed: set[int] = set()
        ahead = list(places)
        while ahead:
            node = self.nodes[ahead.pop()]
            for number in (node.join,) if up else node.downstream:
                if number in crossed:
                    continue
                crossed.add(number)
                join = self.joins[number]
                beyond = join.upstream if up else join.members
                ahead.extend(place for place in beyond if place not in seen)
                seen.update(beyond)
        return seen


def _lane_key(place: int, task: TaskPlan) -> object:
    own = task.max_active_tis_per_dag is not None or task.max_active_tis_per_dagrun is not None
    return (task.pool, task.pool_slots, task.executor, place if own else None)


def _earliest(plan: Plan) -> datetime | None:
    starts = [plan.start_date, *(task.start_date for task in plan.tasks)]
    return min((start for start in starts if start is not None), default=None)


def _latest(plan: Plan) -> datetime | None:
    if plan.end_date is not None:
        return plan.end_date
    ends = [task.end_date for task in plan.tasks if task.end_date is not None]
    return max(ends) if ends and len(ends) == len(plan.tasks) else None

"""A Plan compiled for deciding: tasks by number, edges as joins. One for all its runs."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from tradewind.core.abilities import not_yet
from tradewind.core.mappings import mappings_of
from tradewind.core.rules import RULES, scope_rule
from tradewind.core.scopes import cleared_with, further_upstream, leaves_of, scopes_of
from tradewind.model.plan import Plan, TaskPlan, TriggerRule
from tradewind.model.states import FINISHED, TaskState

_HASTY = frozenset(
    {
        TriggerRule.ONE_SUCCESS,
        TriggerRule.ONE_FAILED,
        TriggerRule.ONE_DONE,
        TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
    }
)


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
    scope: int | None
    """Number of the join of those further upstream that it waits for too: setups it needs, or, of
    a teardown, all in its scope."""
    setups: int | None
    """Of a teardown: number of the join of its setups alone."""
    goes_at_once: bool
    """Whether its trigger rule lets it go before any upstream task has ended."""
    mapping: int | None
    """Number of the mapping by which it becomes many."""
    feeds: tuple[int, ...]
    """Numbers of the tasks that are expanded over its output."""


@dataclass(slots=True, eq=False)
class Join:
    """All tasks of one trigger rule that are directly downstream of the very same tasks; or all that
    wait for the very same tasks further upstream, because of their setups."""

    number: int
    upstream: tuple[int, ...]
    eager: frozenset[TaskState]
    """Upstream ends that may decide the rule, or a choice, before all have finished."""
    inside: frozenset[int]
    """Those upstream that are in one mapped group with its members: of these, each task instance of
    a member waits for that of its own map index only."""
    choosers: tuple[int, ...] = ()
    is_hasty: bool = False
    """Whether its rule, satisfied by some of those upstream, minds all of them before expansion."""
    members: list[int] = field(default_factory=list)


class _Joins:
    """Makes each join once, when it is first asked for."""

    def __init__(
        self, tasks: tuple[TaskPlan, ...], by_id: dict[str, int], mapping_of: dict[int, int]
    ) -> None:
        self.made: list[Join] = []
        self._numbers: dict[object, int] = {}
        self._tasks = tasks
        self._by_id = by_id
        self._mapping_of = mapping_of

    def directly_upstream(self, place: int) -> int:
        """The join of what is directly upstream of a task."""
        rule = self._tasks[place].trigger_rule
        upstream = tuple(self._by_id[name] for name in self._tasks[place].upstream)
        join = self._join(place, rule, upstream, RULES[rule].eager)
        if not join.members:
            join.choosers = tuple(at for at in upstream if self._tasks[at].may_skip_downstream)
            join.eager = FINISHED if join.choosers else join.eager
            join.is_hasty = bool(join.inside) and rule in _HASTY
        join.members.append(place)
        return join.number

    def further_upstream(self, place: int, upstream: tuple[int, ...]) -> int:
        """The join of what else a task waits for."""
        is_teardown = self._tasks[place].is_teardown
        eager = scope_rule(is_teardown=is_teardown).eager
        join = self._join(place, ("scope", is_teardown), upstream, eager)
        join.members.append(place)
        return join.number

    def setups(self, place: int) -> int:
        """The join of a teardown's setups, which wakes nobody."""
        upstream = tuple(self._by_id[name] for name in self._tasks[place].setups)
        return self._join(place, "setups", upstream, frozenset()).number

    def _join(
        self, place: int, kind: object, upstream: tuple[int, ...], eager: frozenset[TaskState]
    ) -> Join:
        mapping = self._mapping_of.get(place)
        inside = frozenset(
            at for at in upstream if mapping is not None and self._mapping_of.get(at) == mapping
        )
        number = self._numbers.setdefault((kind, upstream, inside), len(self.made))
        if number == len(self.made):
            self.made.append(Join(number, upstream, eager, inside))
        return self.made[number]


class PlanIndex:
    """One version of one DAG."""

    __slots__ = (
        "by_id",
        "earliest",
        "joins",
        "latest",
        "leaves",
        "looks_at",
        "mappings",
        "names_executors",
        "nodes",
        "plan",
        "rows",
        "scopes",
        "unsupported",
        "version",
    )

    def __init__(self, plan: Plan, version: int) -> None:
        self.plan = plan
        self.version = version
        self.by_id = {task.task_id: place for place, task in enumerate(plan.tasks)}
        self.mappings = mappings_of(plan, self.by_id)
        mapping_of = {p: n for n, mapping in enumerate(self.mappings) for p in mapping.places}
        feeds: dict[int, list[int]] = {}
        for mapping in self.mappings:
            for source in mapping.sources:
                feeds.setdefault(source, []).extend(mapping.places)
        self.scopes = scopes_of(plan.tasks)
        joins = _Joins(plan.tasks, self.by_id, mapping_of)
        join_of = [joins.directly_upstream(place) for place in range(len(plan.tasks))]
        further = further_upstream(plan.tasks, self.scopes)
        scope_of = {place: joins.further_upstream(place, at) for place, at in further.items()}
        setups_of = {
            place: joins.setups(place) for place, task in enumerate(plan.tasks) if task.setups
        }
        self.joins = joins.made
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
                scope=scope_of.get(place),
                setups=setups_of.get(place),
                goes_at_once=task.trigger_rule is TriggerRule.ALWAYS,
                mapping=mapping_of.get(place),
                feeds=tuple(sorted(set(feeds.get(place, ())))),
            )
            for place, task in enumerate(plan.tasks)
        )
        self.leaves = (
            leaves_of(plan.tasks)
            if any(task.is_teardown for task in plan.tasks)
            else tuple(node.place for node in self.nodes if not node.downstream)
        )
        self.rows = sum(self.instances_of(node) for node in self.nodes)
        """Task instances of a new run."""
        self.looks_at = self._looks_at()
        """Tasks that look at one in the run before, by its id."""
        self.names_executors = any(task.executor is not None for task in plan.tasks)
        self.earliest = _earliest(plan)
        self.latest = _latest(plan)
        self.unsupported = not_yet(plan)

    def instances_of(self, node: Node) -> int:
        """How many task instances a task has in a new run: it is expanded at once where the Plan
        tells over what."""
        return 1 if node.mapping is None else self.mappings[node.mapping].fixed or 1

    def is_many(self, node: Node) -> bool:
        """Whether a task is expanded in a new run already."""
        return node.mapping is not None and bool(self.mappings[node.mapping].fixed)

    def cleared_with(self, places: Iterable[int], *, upstream: bool, downstream: bool) -> list[int]:
        """What is cleared where `places` are named, in topological order: with setups and
        teardowns."""
        named = set(places)
        before = self._closure(named, up=True) if upstream else ()
        after = self._closure(named, up=False) if downstream else ()
        more = cleared_with(self.plan.tasks, self.scopes, named, upstream=before, downstream=after)
        return sorted(named.union(before, after, more))

    def _looks_at(self) -> dict[str, tuple[int, ...]]:
        found: dict[str, list[int]] = {}
        for node in self.nodes:
            for task_id in self.seen_in_the_past(node):
                found.setdefault(task_id, []).append(node.place)
        return {task_id: tuple(places) for task_id, places in found.items()}

    def seen_in_the_past(self, node: Node) -> list[str]:
        """The tasks that one looks at in the run before: itself, or also those right after it."""
        if not node.plan.depends_on_past:
            return []
        found = [node.plan.task_id]
        if node.plan.wait_for_downstream:
            after = (place for number in node.downstream for place in self.joins[number].members)
            found += [self.nodes[place].plan.task_id for place in after]
        return found

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

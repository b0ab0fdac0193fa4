"""Setup and teardown tasks: what stands in whose scope, worked out once from a Plan's edges.

A setup task's scope is what comes after it and before one of its teardowns: those directly after
it. Without teardowns it is all that comes after it. Numbers are places of tasks in the Plan.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tradewind.model.plan import TaskPlan, TriggerRule


class Scope(NamedTuple):
    """The scope of one setup task."""

    setup: int
    teardowns: tuple[int, ...]
    inside: frozenset[int]


class Edges:
    """Who comes directly, and who at all, before and after whom."""

    def __init__(self, tasks: Sequence[TaskPlan]) -> None:
        places = {task.task_id: place for place, task in enumerate(tasks)}
        self.before: list[list[int]] = [[places[name] for name in task.upstream] for task in tasks]
        self.after: list[list[int]] = [[] for _ in tasks]
        for place, before in enumerate(self.before):
            for other in before:
                self.after[other].append(place)

    def all_before(self, place: int) -> frozenset[int]:
        """Everything upstream of a task."""
        return _reached(place, self.before)

    def all_after(self, place: int) -> frozenset[int]:
        """Everything downstream of a task."""
        return _reached(place, self.after)


def _reached(start: int, steps: list[list[int]]) -> frozenset[int]:
    seen: set[int] = set()
    ahead = list(steps[start])
    while ahead:
        place = ahead.pop()
        if place not in seen:
            seen.add(place)
            ahead.extend(steps[place])
    return frozenset(seen)


def scopes_of(tasks: Sequence[TaskPlan]) -> tuple[Scope, ...]:
    """The scope of every setup task."""
    if not any(task.is_setup for task in tasks):
        return ()
    edges = Edges(tasks)
    found = []
    for place, task in enumerate(tasks):
        if task.is_setup:
            teardowns = tuple(at for at in edges.after[place] if tasks[at].is_teardown)
            inside = edges.all_after(place)
            if teardowns:
                inside &= frozenset().union(*map(edges.all_before, teardowns))
            found.append(Scope(place, teardowns, inside))
    return tuple(found)


def further_upstream(
    tasks: Sequence[TaskPlan], scopes: Iterable[Scope]
) -> dict[int, tuple[int, ...]]:
    """For whom it is not enough that what is directly upstream has ended, and who else counts.

    For a task in the scope of a setup that is that setup; for a teardown, all that is in its
    setups' scopes before it.
    """
    found: dict[int, set[int]] = {}
    edges = None
    for setup, teardowns, inside in scopes:
        edges = edges or Edges(tasks)
        for place in inside:
            task = tasks[place]
            if not task.is_teardown and task.trigger_rule is not TriggerRule.ALWAYS:
                found.setdefault(place, set()).add(setup)
        for place in teardowns:
            found.setdefault(place, set()).update(edges.all_before(place) & inside)
    if edges is not None:
        for place, others in found.items():
            others.difference_update(edges.before[place])
    return {place: tuple(sorted(others)) for place, others in found.items() if others}


def leaves_of(tasks: Sequence[TaskPlan]) -> tuple[int, ...]:
    """The tasks that decide how a run ended: a teardown counts only if the run fails with it."""
    after = Edges(tasks).after
    counts = [not task.is_teardown or task.on_failure_fail_dagrun for task in tasks]
    leaves = [
        place
        for place in range(len(tasks))
        if counts[place] and not any(counts[other] for other in after[place])
    ]
    return tuple(leaves or [place for place in range(len(tasks)) if not after[place]])


def cleared_with(
    tasks: Sequence[TaskPlan],
    scopes: Iterable[Scope],
    named: Iterable[int],
    *,
    upstream: Iterable[int],
    downstream: Iterable[int],
) -> set[int]:
    """The setups and teardowns that are cleared together with `named` and all that is upstream or
    downstream of them, where that is cleared too (else these are empty).
    """
    named, upstream, downstream = set(named), set(upstream), set(downstream)
    works = downstream - named if upstream else downstream | named
    works = {at for at in works if not tasks[at].is_setup and not tasks[at].is_teardown}
    found: set[int] = set()
    for setup, teardowns, inside in scopes:
        if works & inside:
            found.update((setup, *teardowns))
        elif setup in upstream or (setup in named and not downstream):
            found.update(teardowns)
    return found

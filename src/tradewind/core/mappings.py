"""The tasks and groups of a Plan that become many when they run, and how many that will be.

A mapping is one `expand`: of a task, or of a group with all tasks in it. Whether the values are
lists, dicts or results of functions is no business of core: it is told lengths.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import prod

from tradewind.model.constructs import Expansion, Source
from tradewind.model.plan import Plan

Lengths = Callable[[str], int | None]
"""How many items the output of a task has; None while that is not known."""


@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    """One `expand` of a Plan."""

    expansion: Expansion
    places: tuple[int, ...]
    """Numbers of the tasks that become many by it."""
    sources: tuple[int, ...]
    """Numbers of the tasks whose output is expanded over."""
    fixed: int | None
    """How many they become, where the Plan itself tells."""

    def length(self, of_output: Lengths) -> int | None:
        """How many task instances each of its tasks becomes."""
        return _length(self.expansion, of_output)


def mappings_of(plan: Plan, by_id: dict[str, int]) -> tuple[Mapping, ...]:
    """Every mapping of a Plan; no task is in two."""
    inside: dict[str, list[int]] = {}
    found: list[tuple[Expansion, list[int]]] = []
    group_of = _mapped_groups(plan)
    for place, task in enumerate(plan.tasks):
        group = group_of.get(task.group_id or "")
        if task.expansion is not None:
            found.append((task.expansion, [place]))
        elif group is not None:
            group_id, expansion = group
            if group_id not in inside:
                inside[group_id] = []
                found.append((expansion, inside[group_id]))
            inside[group_id].append(place)
    return tuple(
        Mapping(
            expansion,
            tuple(places),
            tuple(sorted({by_id[name] for name in _outputs(expansion) if name in by_id})),
            _length(expansion, lambda task_id: None),
        )
        for expansion, places in found
    )


def _mapped_groups(plan: Plan) -> dict[str, tuple[str, Expansion]]:
    """Of each group in an expanded one: that one's id and expansion."""
    groups = {group.group_id: group for group in plan.groups}
    found = {}
    for group_id in groups:
        around = groups.get(group_id)
        while around is not None:
            if around.expansion is not None:
                found[group_id] = (around.group_id, around.expansion)
                break
            around = groups.get(around.parent_id or "")
    return found


def _outputs(expansion: Expansion) -> Iterator[str]:
    for _, source in expansion.arguments:
        if source.kind != "literal":
            yield from _named((source,))
    if expansion.kwargs is not None:
        yield from _named((expansion.kwargs,))


def _named(sources: Iterable[Source]) -> Iterator[str]:
    for source in sources:
        if source.kind == "xcom":
            yield source.task_id
        yield from _named(source.of)


def _length(expansion: Expansion, of_output: Lengths) -> int | None:
    if expansion.kwargs is not None:
        return _items(expansion.kwargs, of_output)
    lengths = [_items(source, of_output) for _, source in expansion.arguments]
    known = [length for length in lengths if length is not None]
    return prod(known) if len(known) == len(lengths) else None


def _items(source: Source, of_output: Lengths) -> int | None:
    if source.kind == "literal":
        return source.length
    if source.kind == "xcom":
        return of_output(source.task_id)
    lengths = [_items(inner, of_output) for inner in source.of]
    known = [length for length in lengths if length is not None]
    if len(known) < len(lengths) or not known:
        return None
    if source.kind == "concat":
        return sum(known)
    return max(known) if source.fills else min(known)

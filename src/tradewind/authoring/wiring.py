"""chain, chain_linear, cross_downstream: many edges at once."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from tradewind.authoring.node import DependencyMixin, PendingEdge


def chain(*tasks: Any) -> None:
    """Put each thing before the next; two lists in a row must be of one length and pair up.

    Raises TypeError for something that cannot be wired, ValueError for lists of two lengths.
    """
    for before, after in pairwise(tasks):
        if isinstance(before, DependencyMixin):
            before.set_downstream(after)
        elif isinstance(after, DependencyMixin):
            after.set_upstream(before)
        else:
            _pair(before, after)


def _pair(before: Any, after: Any) -> None:
    for item in (before, after):
        if not isinstance(item, Sequence) or isinstance(item, str):
            raise TypeError(f"chain takes tasks, groups, labels and lists of them, not {item!r}")
    if len(before) != len(after):
        raise ValueError(
            f"chain pairs two lists in a row one by one: these have {len(before)} and "
            f"{len(after)} tasks; use cross_downstream for every pair"
        )
    for left, right in zip(before, after, strict=True):
        left.set_downstream(right)


def chain_linear(*elements: Any) -> None:
    """Put every task of an element before every task of the next. Raises ValueError if there is
    nothing to wire."""
    if not elements:
        raise ValueError("chain_linear needs at least two elements to wire")
    if len(elements) < 2:
        raise ValueError("chain_linear got one element: there is nothing to wire it to")
    previous: list[DependencyMixin] | None = None
    label: PendingEdge | None = None
    for element in elements:
        if isinstance(element, PendingEdge):
            label = element
            continue
        nodes = [element] if isinstance(element, DependencyMixin) else list(element)
        for before in previous or ():
            for after in nodes:
                before.set_downstream(after, edge_modifier=label)  # type: ignore[arg-type]
        previous, label = nodes, None


def cross_downstream(from_tasks: Sequence[Any], to_tasks: Any) -> None:
    """Put every one of `to_tasks` after every one of `from_tasks`."""
    for task in from_tasks:
        task.set_downstream(to_tasks)

"""Part of a DAG: chosen tasks and what is around them."""

import copy
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from tradewind.authoring.task_group import TaskGroup

if TYPE_CHECKING:
    from tradewind.authoring.dag import DAG
    from tradewind.authoring.operator import BaseOperator


def subset(
    dag: "DAG",
    task_ids: str | Iterable[str],
    *,
    downstream: bool,
    upstream: bool,
    direct_upstream: bool,
    depth: int | None,
) -> "DAG":
    """A copy of the DAG with these tasks alone, and those before and after them as asked for.

    `task_ids` is a part of their ids, or a list of ids. Setup tasks come with the tasks that need
    them, and teardown tasks with their setup tasks. Raises ValueError for a depth below 0.
    """
    if depth is not None and depth < 0:
        raise ValueError(f"depth must be 0 or more levels, not {depth}")
    wanted = [task_ids] if isinstance(task_ids, str) else list(task_ids)
    chosen = [
        task
        for task in dag.tasks
        if (task_ids in task.task_id if isinstance(task_ids, str) else task.task_id in wanted)
    ]
    kept = {task.task_id for task in chosen}
    for task in chosen:
        kept |= {other.task_id for other in _around(task, downstream, upstream, depth)}
    if direct_upstream:
        kept |= {name for task_id in kept for name in dag.task_dict[task_id].upstream_task_ids}
    return _without_others(copy.deepcopy(dag, _kept_as_they_are(dag)), kept)


def _kept_as_they_are(dag: "DAG") -> dict[int, object]:
    """What the copy shares: macros may be modules, and operators say what else cannot be copied."""
    shared = [*(dag.user_defined_macros or {}).values(), *(dag.user_defined_filters or {}).values()]
    for task in dag.tasks:
        shared += [task.__dict__.get(name) for name in task.shallow_copy_attrs]
    return {id(thing): thing for thing in shared}


def _around(
    task: "BaseOperator", downstream: bool, upstream: bool, depth: int | None
) -> "Iterator[BaseOperator]":
    if downstream:
        for after in task.get_flat_relatives(upstream=False, depth=depth):
            yield after
            if not after.is_setup and not after.is_teardown:
                yield from _scope_of(after)
    if upstream:
        for before in task.get_flat_relatives(upstream=True, depth=depth):
            yield before
            if before.is_setup:
                yield from _teardowns_of(before)
    elif not task.is_setup and not task.is_teardown:
        yield from _scope_of(task)
    if task.is_setup and not downstream:
        yield from _teardowns_of(task)


def _scope_of(task: "BaseOperator") -> "Iterator[BaseOperator]":
    """The setup tasks that the task works within, and their teardowns."""
    after = task.get_flat_relative_ids(upstream=False)
    for setup in task.get_flat_relatives(upstream=True):
        teardowns = _teardowns_of(setup) if setup.is_setup else []
        if setup.is_setup and (not teardowns or any(each.task_id in after for each in teardowns)):
            yield setup
            yield from teardowns


def _teardowns_of(setup: "BaseOperator") -> "list[BaseOperator]":
    return [task for task in setup.downstream_list if task.is_teardown]


def _without_others(dag: "DAG", kept: set[str]) -> "DAG":
    dag.partial = len(kept) < len(dag.task_dict)
    for task_id in dag.task_dict.keys() - kept:
        del dag.task_dict[task_id]
    for task in dag.tasks:
        task.upstream_task_ids &= kept
        task.downstream_task_ids &= kept
    _prune(dag.task_group, kept)
    groups = dag.task_group_dict
    dag.group_ids &= groups.keys()
    for group in groups.values():
        group.keep_edges(kept | groups.keys())
    return dag


def _prune(group: TaskGroup, kept: set[str]) -> None:
    for key, child in list(group.children.items()):
        if isinstance(child, TaskGroup):
            _prune(child, kept)
        if not child.children if isinstance(child, TaskGroup) else key not in kept:
            del group.children[key]

"""Priority weights: a task's own, plus those of all tasks after (or before) it, by its rule."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from tradewind.model.plan import WeightRule

if TYPE_CHECKING:
    from tradewind.authoring.operator import BaseOperator

_INT32 = 2**31


def effective_weights(order: "Sequence[BaseOperator]") -> dict[str, int]:
    """task_id -> weight, for tasks in topological order."""
    own = {task.task_id: task.priority_weight for task in order}
    rules = {task.weight_rule for task in order if isinstance(task.weight_rule, WeightRule)}
    after: Mapping[str, int] = {}
    before: Mapping[str, int] = {}
    if WeightRule.DOWNSTREAM in rules:
        after = _sums(list(reversed(order)), lambda task: task.downstream_task_ids)
    if WeightRule.UPSTREAM in rules:
        before = _sums(order, lambda task: task.upstream_task_ids)
    weights = {}
    for task in order:
        weight = own[task.task_id]
        if task.weight_rule is WeightRule.DOWNSTREAM:
            weight += after[task.task_id]
        elif task.weight_rule is WeightRule.UPSTREAM:
            weight += before[task.task_id]
        weights[task.task_id] = max(-_INT32, min(_INT32 - 1, weight))
    return weights


def _sums(
    order: "Sequence[BaseOperator]", next_ids: "Callable[[BaseOperator], Iterable[str]]"
) -> dict[str, int]:
    """task_id -> sum of the weights of all tasks reachable over `next_ids`.

    A set of tasks is one integer with a bit per task: unions of 10,000 are a few microseconds.
    """
    place = {task.task_id: number for number, task in enumerate(order)}
    own = [task.priority_weight for task in order]
    are_alike = len(set(own)) <= 1
    reach: dict[str, int] = {}
    sums: dict[str, int] = {}
    for task in order:
        bits = 0
        for task_id in next_ids(task):
            bits |= reach[task_id] | (1 << place[task_id])
        reach[task.task_id] = bits
        sums[task.task_id] = own[0] * bits.bit_count() if are_alike else _total(bits, own)
    return sums


def _total(bits: int, own: Sequence[int]) -> int:
    return sum(own[place] for place, digit in enumerate(reversed(bin(bits)[2:])) if digit == "1")

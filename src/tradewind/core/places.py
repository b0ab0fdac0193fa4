"""Which task instances a new run is made of."""

from collections.abc import Iterator
from datetime import datetime

from tradewind.core.plan_index import Node, PlanIndex
from tradewind.model.plan import TaskPlan


def is_in_window(task: TaskPlan, date: datetime | None) -> bool:
    """Whether a task has an instance in a run of that date; in backfills (None) every task has."""
    if date is None:
        return True
    if task.start_date is not None and date < task.start_date:
        return False
    return task.end_date is None or date <= task.end_date


def places_of(index: PlanIndex, date: datetime | None) -> Iterator[tuple[Node, int]]:
    """Task and map index of every task instance of a new run of that date."""
    for node in index.nodes:
        if is_in_window(node.plan, date):
            if index.is_many(node):
                for map_index in range(index.instances_of(node)):
                    yield node, map_index
            else:
                yield node, -1

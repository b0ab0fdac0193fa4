"""What this engine cannot run yet: the one place that says so.

A Plan holds every construct of the authoring model. Runs of one with a construct listed here are
refused; the day core can do it, its line goes. (An operator that cannot do its own work yet says so
in its `unsupported`.)
"""

from collections.abc import Callable, Iterator

from tradewind.model.plan import Plan, TaskPlan
from tradewind.timetables.partitions import is_partitioned

_OF_TASKS: tuple[tuple[str, Callable[[TaskPlan], object]], ...] = (
    ("run_as_user", lambda task: task.run_as_user is not None),
)

_OF_DAGS: tuple[tuple[str, Callable[[Plan], object]], ...] = (
    ("deadlines", lambda plan: plan.deadlines),
    ("partitions", lambda plan: is_partitioned(plan.schedule.kind)),
)


def not_yet(plan: Plan) -> tuple[str, ...]:
    """Why runs of this Plan are refused: `task t uses branching`; empty if they are not."""
    return tuple(_found(plan))


def not_scheduled_yet(plan: Plan) -> str | None:
    """What of the schedule makes no runs yet, although the DAG can be run; None if all does."""
    watched = [asset.name for asset in plan.assets if asset.watchers]
    if watched:
        return f"nothing is watched yet for asset {', '.join(watched)}"
    return None


def all_not_yet(plan: Plan) -> list[str]:
    """Both: what cannot run of a DAG, and what its schedule does not do."""
    lacking = not_scheduled_yet(plan)
    return [*not_yet(plan), *([] if lacking is None else [lacking])]


def _found(plan: Plan) -> Iterator[str]:
    for name, is_used in _OF_DAGS:
        if is_used(plan):
            yield f"the DAG uses {name}"
    for task in plan.tasks:
        for name in task.unsupported:
            yield f"task {task.task_id} uses {name}"
        for name, is_used_by in _OF_TASKS:
            if is_used_by(task):
                yield f"task {task.task_id} uses {name}"

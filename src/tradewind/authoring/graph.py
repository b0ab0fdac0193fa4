"""Questions about a DAG's whole graph: its order, its circles."""

import importlib
from functools import partial
from typing import TYPE_CHECKING, Any

from tradewind.authoring.errors import AirflowDagCycleException
from tradewind.authoring.located import Located
from tradewind.authoring.taskflow import task as task_decorator
from tradewind.model.plan import TriggerRule

if TYPE_CHECKING:
    from tradewind.authoring.dag import DAG
    from tradewind.authoring.operator import BaseOperator


def sort(dag: "DAG") -> "list[BaseOperator]":
    """The tasks in topological order, ties by order of definition.

    Raises AirflowDagCycleException naming the circle.
    """
    waiting = {task.task_id: len(task.upstream_task_ids) for task in dag.tasks}
    place = {task_id: number for number, task_id in enumerate(waiting)}
    ready = [task_id for task_id, count in waiting.items() if count == 0]
    order: list[BaseOperator] = []
    for task_id in ready:  # grows while it is walked
        task = dag.task_dict[task_id]
        order.append(task)
        for after in sorted(task.downstream_task_ids, key=place.__getitem__):
            waiting[after] -= 1
            if waiting[after] == 0:
                ready.append(after)
    if len(order) < len(dag.task_dict):
        circle = _circle(dag, waiting)
        error = AirflowDagCycleException(
            f"DAG {dag.dag_id!r} has a cycle: {' >> '.join(circle)}; "
            "remove one of these dependencies"
        )
        error.site = dag.task_dict[circle[0]]._site
        raise error
    return order


def check_setups(dag: "DAG") -> None:
    """Raise where a task would not wait for the setup task before it to succeed."""
    for setup in dag.tasks:
        if not setup.is_setup:
            continue
        for name in sorted(setup.downstream_task_ids):
            task = dag.task_dict[name]
            if not task.is_teardown and task.trigger_rule is not TriggerRule.ALL_SUCCESS:
                raise Located(
                    f"task {name!r} comes after the setup task {setup.task_id!r}, so its "
                    f"trigger_rule must be {TriggerRule.ALL_SUCCESS}, not {task.trigger_rule}",
                    task._site,
                )


def _circle(dag: "DAG", waiting: dict[str, int]) -> list[str]:
    stuck = {task_id for task_id, count in waiting.items() if count > 0}
    task_id = next(iter(sorted(stuck)))
    path: list[str] = []
    while task_id not in path:
        path.append(task_id)
        # whatever is stuck has something stuck before it, so going up must come round
        task_id = min(dag.task_dict[task_id].upstream_task_ids & stuck)
    return [task_id, *reversed(path[path.index(task_id) :])]


def task_decorator_for(dag: "DAG") -> Any:
    """`@dag.task`."""
    return partial(task_decorator, dag=dag)


def run_here(dag: "DAG", **arguments: Any) -> Any:
    """What `dag.test()` does. The engine for it stands above this package and is found by name."""
    return importlib.import_module("tradewind.testing.dag_test").run(dag, **arguments)

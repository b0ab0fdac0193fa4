"""@result: the task whose return value is that of the whole run."""

from typing import Any

from tradewind.authoring.taskflow import TaskDecorator


def result(t: Any) -> Any:
    """Goes on top of @task; DAG.add_result is called with what the task returns."""
    if not isinstance(t, TaskDecorator):
        raise TypeError(f"@result goes on top of @task, not on {t!r}")
    t.returns_dag_result = True
    return t

"""@task.virtualenv: a function that runs in a virtual environment."""

from typing import ClassVar

from tradewind.integrations.standard.decorators._decorated import CallingOperator, decorator_for
from tradewind.integrations.standard.operators._other_python import PythonVirtualenvOperator

__all__ = ["_PythonVirtualenvDecoratedOperator", "virtualenv_task"]


class _PythonVirtualenvDecoratedOperator(CallingOperator, PythonVirtualenvOperator):
    """What @task.virtualenv makes."""

    __module__ = "airflow.providers.standard.decorators.python_virtualenv"

    custom_operator_name: ClassVar[str | None] = "@task.virtualenv"
    template_fields = PythonVirtualenvOperator.template_fields


virtualenv_task = decorator_for(_PythonVirtualenvDecoratedOperator)
"""Makes a function such a task."""

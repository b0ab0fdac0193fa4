"""@task.external_python: a function that runs with another interpreter."""

from typing import ClassVar

from tradewind.integrations.standard.decorators._decorated import CallingOperator, decorator_for
from tradewind.integrations.standard.operators._other_python import ExternalPythonOperator

__all__ = ["_PythonExternalDecoratedOperator", "external_python_task"]


class _PythonExternalDecoratedOperator(CallingOperator, ExternalPythonOperator):
    """What @task.external_python makes."""

    __module__ = "airflow.providers.standard.decorators.external_python"

    custom_operator_name: ClassVar[str | None] = "@task.external_python"
    template_fields = ExternalPythonOperator.template_fields


external_python_task = decorator_for(_PythonExternalDecoratedOperator)
"""Makes a function such a task."""

"""@task.branch_external_python: the same with another interpreter."""

from typing import ClassVar

from tradewind.integrations.standard.decorators._decorated import CallingOperator, decorator_for
from tradewind.integrations.standard.operators._other_python import BranchExternalPythonOperator

__all__ = ["_BranchExternalPythonDecoratedOperator", "branch_external_python_task"]


class _BranchExternalPythonDecoratedOperator(CallingOperator, BranchExternalPythonOperator):
    """What @task.branch_external_python makes."""

    __module__ = "airflow.providers.standard.decorators.branch_external_python"

    custom_operator_name: ClassVar[str | None] = "@task.branch_external_python"
    template_fields = BranchExternalPythonOperator.template_fields


branch_external_python_task = decorator_for(_BranchExternalPythonDecoratedOperator)
"""Makes a function such a task."""

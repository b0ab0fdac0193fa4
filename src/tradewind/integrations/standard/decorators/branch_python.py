"""@task.branch: a function that returns the ids to follow."""

from typing import ClassVar

from tradewind.integrations.standard.decorators._decorated import CallingOperator, decorator_for
from tradewind.integrations.standard.operators._calling import BranchPythonOperator

__all__ = ["_BranchPythonDecoratedOperator", "branch_task"]


class _BranchPythonDecoratedOperator(CallingOperator, BranchPythonOperator):
    """What @task.branch makes."""

    __module__ = "airflow.providers.standard.decorators.branch_python"

    custom_operator_name: ClassVar[str | None] = "@task.branch"
    template_fields = BranchPythonOperator.template_fields


branch_task = decorator_for(_BranchPythonDecoratedOperator)
"""Makes a function such a task."""

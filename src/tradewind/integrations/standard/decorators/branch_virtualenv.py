"""@task.branch_virtualenv: the same in a virtual environment."""

from typing import ClassVar

from tradewind.integrations.standard.decorators._decorated import CallingOperator, decorator_for
from tradewind.integrations.standard.operators._other_python import BranchPythonVirtualenvOperator

__all__ = ["_BranchPythonVirtualenvDecoratedOperator", "branch_virtualenv_task"]


class _BranchPythonVirtualenvDecoratedOperator(CallingOperator, BranchPythonVirtualenvOperator):
    """What @task.branch_virtualenv makes."""

    __module__ = "airflow.providers.standard.decorators.branch_virtualenv"

    custom_operator_name: ClassVar[str | None] = "@task.branch_virtualenv"
    template_fields = BranchPythonVirtualenvOperator.template_fields


branch_virtualenv_task = decorator_for(_BranchPythonVirtualenvDecoratedOperator)
"""Makes a function such a task."""

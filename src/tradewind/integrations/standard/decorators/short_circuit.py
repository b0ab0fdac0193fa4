"""@task.short_circuit: a function that says whether to go on."""

from typing import ClassVar

from tradewind.integrations.standard.decorators._decorated import CallingOperator, decorator_for
from tradewind.integrations.standard.operators._calling import ShortCircuitOperator

__all__ = ["_ShortCircuitDecoratedOperator", "short_circuit_task"]


class _ShortCircuitDecoratedOperator(CallingOperator, ShortCircuitOperator):
    """What @task.short_circuit makes."""

    __module__ = "airflow.providers.standard.decorators.short_circuit"

    custom_operator_name: ClassVar[str | None] = "@task.short_circuit"
    template_fields = ShortCircuitOperator.template_fields


short_circuit_task = decorator_for(_ShortCircuitDecoratedOperator)
"""Makes a function such a task."""

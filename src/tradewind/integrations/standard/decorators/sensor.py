"""@task.sensor: a function that says whether the wait is over."""

from collections.abc import Collection
from typing import ClassVar

from tradewind.integrations.standard.decorators._decorated import CallingOperator, decorator_for
from tradewind.integrations.standard.sensors.python import PythonSensor

__all__ = ["DecoratedSensorOperator", "sensor_task"]


class DecoratedSensorOperator(CallingOperator, PythonSensor):
    """What @task.sensor makes."""

    __module__ = "airflow.providers.standard.decorators.sensor"

    custom_operator_name: ClassVar[str | None] = "@task.sensor"
    template_fields: Collection[str] = ("op_args", "op_kwargs")


sensor_task = decorator_for(DecoratedSensorOperator)
"""Makes a function such a task."""

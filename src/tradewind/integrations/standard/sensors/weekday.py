"""DayOfWeekSensor: waits for a day of the week."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tradewind.authoring.operator_arguments import take_legacy
from tradewind.authoring.sensor import BaseSensorOperator, PokeReturnValue
from tradewind.integrations.standard._run_date import run_date
from tradewind.integrations.standard.utils.weekday import WeekDay


class DayOfWeekSensor(BaseSensorOperator):
    """Over on `week_day`: a name, a WeekDay, or a collection of them."""

    __module__ = "airflow.providers.standard.sensors.weekday"

    def __init__(
        self,
        *,
        week_day: str | Iterable[str] | WeekDay | Iterable[WeekDay],
        use_task_logical_date: bool = False,
        **kwargs: Any,
    ) -> None:
        legacy = take_legacy(
            kwargs, {"use_task_execution_day": "use_task_logical_date"}, type(self).__name__
        )
        super().__init__(**kwargs)
        self.week_day = week_day
        self.use_task_logical_date = legacy.get("use_task_logical_date", use_task_logical_date)
        self._week_day_num = WeekDay.validate_week_day(week_day)

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """Whether it is such a day in UTC, or that of the run is one."""
        day = run_date(context) if self.use_task_logical_date else datetime.now(UTC)
        return day.isoweekday() in self._week_day_num

"""BranchDayOfWeekOperator: follows one branch on some days of the week, another on the others."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tradewind.authoring.branching import BaseBranchOperator
from tradewind.authoring.operator_arguments import take_legacy
from tradewind.integrations.standard._run_date import run_date
from tradewind.integrations.standard.utils.weekday import WeekDay


class BranchDayOfWeekOperator(BaseBranchOperator):
    """`week_day` is a name, a WeekDay, or a collection of them."""

    __module__ = "airflow.providers.standard.operators.weekday"

    def __init__(
        self,
        *,
        follow_task_ids_if_true: str | Iterable[str],
        follow_task_ids_if_false: str | Iterable[str],
        week_day: str | Iterable[str] | WeekDay | Iterable[WeekDay],
        use_task_logical_date: bool = False,
        **kwargs: Any,
    ) -> None:
        legacy = take_legacy(
            kwargs, {"use_task_execution_day": "use_task_logical_date"}, type(self).__name__
        )
        super().__init__(**kwargs)
        self.follow_task_ids_if_true = follow_task_ids_if_true
        self.follow_task_ids_if_false = follow_task_ids_if_false
        self.week_day = week_day
        self.use_task_logical_date = legacy.get("use_task_logical_date", use_task_logical_date)
        self._week_day_num = WeekDay.validate_week_day(week_day)

    def choose_branch(self, context: Any) -> str | Iterable[str] | None:
        """By today in the DAG's zone, or by the date of the run."""
        zone = self.dag.timezone if self.dag is not None else UTC
        now = run_date(context) if self.use_task_logical_date else datetime.now(zone)
        if now.isoweekday() in self._week_day_num:
            return self.follow_task_ids_if_true
        return self.follow_task_ids_if_false

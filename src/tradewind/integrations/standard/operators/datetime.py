"""BranchDateTimeOperator: follows one branch within a span of time, another outside it."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from tradewind.authoring.branching import BaseBranchOperator
from tradewind.authoring.operator_arguments import take_legacy
from tradewind.authoring.timezone import convert_to_utc

Bound = datetime | time | None


class BranchDateTimeOperator(BaseBranchOperator):
    """A bound may be a moment, a time of today's, or None for an open end; both are included."""

    __module__ = "airflow.providers.standard.operators.datetime"

    def __init__(
        self,
        *,
        follow_task_ids_if_true: str | Iterable[str],
        follow_task_ids_if_false: str | Iterable[str],
        target_lower: Bound,
        target_upper: Bound,
        use_task_logical_date: bool = False,
        **kwargs: Any,
    ) -> None:
        legacy = take_legacy(
            kwargs, {"use_task_execution_date": "use_task_logical_date"}, type(self).__name__
        )
        super().__init__(**kwargs)
        if target_lower is None and target_upper is None:
            raise ValueError(
                f"BranchDateTimeOperator {self.task_id!r} needs target_lower, target_upper or both"
            )
        self.target_lower = target_lower
        self.target_upper = target_upper
        self.follow_task_ids_if_true = follow_task_ids_if_true
        self.follow_task_ids_if_false = follow_task_ids_if_false
        self.use_task_logical_date = legacy.get("use_task_logical_date", use_task_logical_date)

    def choose_branch(self, context: Any) -> str | Iterable[str] | None:
        """By now, or by the run's logical date."""
        now = context["logical_date"] if self.use_task_logical_date else datetime.now(UTC)
        lower, upper = target_times_as_dates(now, self.target_lower, self.target_upper)
        if (upper is not None and upper < now) or (lower is not None and lower > now):
            return self.follow_task_ids_if_false
        return self.follow_task_ids_if_true


def target_times_as_dates(
    base_date: datetime, lower: Bound, upper: Bound
) -> tuple[datetime | None, datetime | None]:
    """The bounds as moments in UTC: a time is one of `base_date`'s day, an upper one before the
    lower of the day after.
    """
    start = convert_to_utc(_on_day_of(base_date, lower))
    end = convert_to_utc(_on_day_of(base_date, upper))
    if start is not None and end is not None and end < start:
        end += timedelta(days=1)
    return start, end


def _on_day_of(base_date: datetime, bound: Bound) -> datetime | None:
    return datetime.combine(base_date, bound) if isinstance(bound, time) else bound

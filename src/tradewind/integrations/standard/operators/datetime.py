"""BranchDateTimeOperator: follows one branch within a span of time, another outside it."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any

from tradewind.authoring.branching import BaseBranchOperator
from tradewind.authoring.operator_arguments import take_legacy
from tradewind.authoring.timezone import is_naive
from tradewind.integrations.standard._run_date import run_date

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
        """By now, or by the date of the run; a bound without a zone is in that of the DAG."""
        now = run_date(context) if self.use_task_logical_date else datetime.now(UTC)
        zone = self.dag.timezone if self.dag is not None else UTC
        bounds = target_times_as_dates(now, self.target_lower, self.target_upper)
        lower, upper = (bound and _in_zone(bound, zone) for bound in bounds)
        if (upper is not None and upper < now) or (lower is not None and lower > now):
            return self.follow_task_ids_if_false
        return self.follow_task_ids_if_true


def target_times_as_dates(
    base_date: datetime, lower: Bound, upper: Bound
) -> tuple[datetime | None, datetime | None]:
    """The bounds as dates: a time is one of `base_date`'s day, an upper one before the lower of the
    day after.
    """
    start, end = _on_day_of(base_date, lower), _on_day_of(base_date, upper)
    if start is None or end is None:
        return start, end
    has_time = isinstance(lower, time) or isinstance(upper, time)
    return start, end + timedelta(days=1) if has_time and end < start else end


def _in_zone(date: datetime, zone: tzinfo) -> datetime:
    return date.replace(tzinfo=zone) if is_naive(date) else date


def _on_day_of(base_date: datetime, bound: Bound) -> datetime | None:
    return datetime.combine(base_date, bound) if isinstance(bound, time) else bound

"""Helpers that 1.10 and 2.x had and 3.x dropped."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from tradewind.authoring import timezone, watch
from tradewind.authoring.operator_arguments import LEGACY_TRIGGER_RULES
from tradewind.model.plan import TriggerRule as TriggerRule
from tradewind.timetables.cron import Cron

cron_presets = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
}


def days_ago(
    n: int, hour: int = 0, minute: int = 0, second: int = 0, microsecond: int = 0
) -> datetime:
    """Midnight (or the given time) in UTC, `n` days before today."""
    watch.note_unwatchable("the clock")
    today = datetime.now(UTC).replace(
        hour=hour, minute=minute, second=second, microsecond=microsecond
    )
    return today - timedelta(days=n)


def date_range(
    start_date: datetime,
    end_date: datetime | None = None,
    num: int | None = None,
    delta: timedelta | str | None = None,
) -> list[datetime]:
    """start_date and on by `delta`, a length of time or a cron expression, in order: up to end_date,
    `num` dates, or, with neither, up to now. A negative `num` goes back; no `delta`, no dates.
    """
    if not delta:
        return []
    if end_date is not None and num is not None:
        raise ValueError("date_range takes end_date or num, not both")
    if end_date is not None and start_date > end_date:
        raise ValueError("date_range: start_date must not come after end_date")
    step = _step_of(delta, back=num is not None and num < 0)
    dates = [timezone.plain_utc(start_date)]
    if num:
        while len(dates) < abs(num):
            dates.append(step(dates[-1]))
        return sorted(dates)
    last = timezone.plain_utc(end_date or timezone.utcnow())
    while dates[-1] <= last:
        dates.append(step(dates[-1]))
    return dates[:-1]


def _step_of(delta: timedelta | str, *, back: bool) -> Callable[[datetime], datetime]:
    if isinstance(delta, timedelta):
        length = -abs(delta) if back else abs(delta)
        return lambda date: date + length
    cron = Cron(delta, "UTC")
    return cron.before if back else cron.after


def round_time(
    dt: datetime,
    delta: timedelta,
    start_date: datetime = datetime(1, 1, 1),  # noqa: DTZ001
) -> datetime:
    """The one of start_date, start_date + delta, ... that is nearest to `dt`; the later of two."""
    start = start_date.replace(tzinfo=start_date.tzinfo or dt.tzinfo)
    if dt.tzinfo is None:
        start = start.replace(tzinfo=None)
    return start + int((dt - start + delta / 2) / delta) * delta


def infer_time_unit(time_seconds_arr: Collection[float]) -> str:
    """The unit in which lengths of time, given in seconds, read best: that of the longest."""
    if len(time_seconds_arr) == 0:
        return "hours"
    longest = timedelta(seconds=max(time_seconds_arr))
    if longest <= timedelta(minutes=2):
        return "seconds"
    if longest <= timedelta(hours=2):
        return "minutes"
    return "hours" if longest <= timedelta(days=2) else "days"


def scale_time_units(time_seconds_arr: Collection[float], unit: str) -> Collection[float]:
    """Lengths of time, given in seconds, in another unit; in seconds, as they are."""
    seconds = {"minutes": 60, "hours": 3600, "days": 86400}.get(unit)
    if seconds is None:
        return time_seconds_arr
    return [length / seconds for length in time_seconds_arr]


def apply_defaults(function: Callable[..., Any]) -> Callable[..., Any]:
    """Nothing: default_args reach every operator by themselves."""
    return function


for _rule in LEGACY_TRIGGER_RULES:
    setattr(TriggerRule, _rule.upper(), _rule)  # plain text: using it as a rule shows the era

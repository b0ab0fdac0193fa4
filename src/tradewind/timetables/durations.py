"""Lengths of time that a schedule may be made of, timedelta or relativedelta, and as JSON."""

from datetime import UTC, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from tradewind.model.errors import InvalidSchedule

Duration = timedelta | relativedelta

ZERO = timedelta(0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RELATIVE = ("years", "months", "days", "leapdays", "hours", "minutes", "seconds", "microseconds")
_ABSOLUTE = ("year", "month", "day", "weekday", "hour", "minute", "second", "microsecond")


def check_positive(delta: Duration) -> None:
    """Raise InvalidSchedule unless `delta` leads forward in time."""
    if _EPOCH + delta <= _EPOCH:
        raise InvalidSchedule(f"a schedule must be a positive length of time, not {delta!r}")


def simplest(delta: Duration) -> Duration:
    """`delta` as a timedelta unless its length depends on the calendar."""
    if isinstance(delta, timedelta) or _depends_on_calendar(delta):
        return delta
    return timedelta(
        days=delta.days,
        hours=delta.hours,
        minutes=delta.minutes,
        seconds=delta.seconds,
        microseconds=delta.microseconds,
    )


def _depends_on_calendar(delta: relativedelta) -> bool:
    return bool(
        delta.years
        or delta.months
        or delta.leapdays
        or any(getattr(delta, name) is not None for name in _ABSOLUTE)
    )


def to_json(delta: Duration) -> float | dict[str, Any]:
    """Seconds, or the arguments of a relativedelta."""
    if isinstance(delta, timedelta):
        return delta.total_seconds()
    if delta.weekday is not None:
        raise InvalidSchedule("a relativedelta with a weekday cannot be a schedule; use cron")
    given = {name: getattr(delta, name) for name in _RELATIVE if getattr(delta, name)}
    fixed = {name: getattr(delta, name) for name in _ABSOLUTE if getattr(delta, name) is not None}
    return given | fixed


def from_json(data: float | dict[str, Any]) -> Duration:
    """What `to_json` made of a length of time."""
    return relativedelta(**data) if isinstance(data, dict) else timedelta(seconds=data)


def on_grid(delta: Duration, moment: datetime) -> datetime:
    """The last multiple of `delta` since 1970 that is not after `moment`.

    A year of a relativedelta counts 365 days here, and a month 30.
    """
    if isinstance(delta, relativedelta):
        step = timedelta(
            days=delta.years * 365 + delta.months * 30 + delta.days,
            hours=delta.hours,
            minutes=delta.minutes,
            seconds=delta.seconds,
        )
    else:
        step = delta
    return moment - (moment - _EPOCH) % step if step else moment

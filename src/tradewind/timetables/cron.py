"""Cron expressions: the ticks before and after a moment, in a time zone.

The hands of the clock are followed: 02:30 is 02:30 in summer and in winter. An expression that
matches every hour steps through real time instead, so that no hour is lost or run twice.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from tradewind.model.errors import InvalidSchedule
from tradewind.timetables import zones

PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_INSTANT = timedelta(microseconds=1)
_SHORT = timedelta(hours=2)
_REMEMBERED = 8
"""Answers that one expression keeps."""


class Cron:
    """The ticks of one cron expression in one time zone."""

    __slots__ = ("_answers", "_cron", "_every_hour", "_zone", "expression", "timezone")

    def __init__(self, expression: str, timezone: str | tzinfo) -> None:
        """Raises InvalidSchedule if the expression or the zone cannot be understood."""
        self.expression = expression
        self.timezone = zones.name_of(timezone)
        self._zone = zones.zone_of(self.timezone)
        self._cron = _parse(expression)
        self._every_hour = self._cron.expanded[1] == ["*"]
        self._answers: dict[tuple[bool, datetime], datetime] = {}

    def after(self, moment: datetime) -> datetime:
        """The first tick later than `moment`."""
        return self._answer(True, moment)

    def before(self, moment: datetime) -> datetime:
        """The last tick earlier than `moment`."""
        return self._answer(False, moment)

    def _answer(self, is_after: bool, moment: datetime) -> datetime:
        """The same few moments are asked about again and again while a run is made."""
        found = self._answers.get((is_after, moment))
        if found is None:
            found = self._after(moment) if is_after else self._before(moment)
            if len(self._answers) >= _REMEMBERED:
                del self._answers[next(iter(self._answers))]
            self._answers[is_after, moment] = found
        return found

    def _after(self, moment: datetime) -> datetime:
        wall = zones.to_wall(moment, self._zone)
        if self._every_hour:
            step = self._next(wall.replace(fold=0)) - wall.replace(fold=0)
            if step <= _SHORT:
                return moment.astimezone(UTC) + step
        wall = zones.first_of_fold(wall, self._zone).replace(fold=0)
        while True:
            wall = self._next(wall)
            tick = zones.from_wall(wall, self._zone)
            if tick > moment:
                return tick

    def _before(self, moment: datetime) -> datetime:
        wall = zones.to_wall(moment, self._zone).replace(fold=0)
        if self._every_hour:
            step = wall - self._previous(wall)
            if step <= _SHORT:
                return moment.astimezone(UTC) - step
        while True:
            wall = self._previous(wall)
            tick = zones.from_wall(wall, self._zone)
            if tick < moment:
                return tick

    def at_or_after(self, moment: datetime) -> datetime:
        """The first tick that is not earlier than `moment`."""
        return self.after(moment - _INSTANT)

    def at_or_before(self, moment: datetime) -> datetime:
        """The last tick that is not later than `moment`."""
        return self.before(moment + _INSTANT)

    @property
    def description(self) -> str:
        """The expression in words, such as `At 00:00`; empty if there are none for it."""
        from cron_descriptor import (  # type: ignore[import-untyped]  # noqa: PLC0415 - for pages only
            ExpressionDescriptor,
            FormatError,
        )

        try:
            return str(
                ExpressionDescriptor(
                    PRESETS.get(self.expression, self.expression), use_24hour_time_format=True
                ).get_description()
            )
        except (FormatError, ValueError, KeyError, IndexError):
            return ""

    def _next(self, wall: datetime) -> datetime:
        found: datetime = self._cron.get_next(datetime, start_time=wall)
        return found

    def _previous(self, wall: datetime) -> datetime:
        found: datetime = self._cron.get_prev(datetime, start_time=wall)
        return found


def _parse(expression: str) -> Any:
    from croniter import croniter  # noqa: PLC0415 - not every DAG has a cron expression

    try:
        cron = croniter(PRESETS.get(expression, expression), datetime(2000, 1, 1))  # noqa: DTZ001
        cron.get_next(datetime)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise InvalidSchedule(
            f"{expression!r} is not a cron expression or preset ({error}); write five fields such "
            f"as '30 6 * * *', or one of {', '.join(PRESETS)}, @once, @continuous"
        ) from error
    return cron

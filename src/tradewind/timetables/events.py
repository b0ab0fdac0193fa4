"""A timetable that lists its moments."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Self

from tradewind.model.errors import InvalidSchedule
from tradewind.model.intervals import DataInterval, RunInfo
from tradewind.timetables.base import Timetable, covered_until, exact


class EventsTimetable(Timetable):
    """Runs at each of the moments given."""

    kind = "events"

    def __init__(
        self,
        event_dates: Iterable[datetime],
        restrict_to_events: bool = False,
        presorted: bool = False,
        description: str | None = None,
    ) -> None:
        """`restrict_to_events`: a manual run covers the latest moment that has passed."""
        dates = [_in_utc(date) for date in event_dates]
        self._dates = dates if presorted else sorted(set(dates))
        self._restrict = restrict_to_events
        self._description = description

    @property
    def can_be_scheduled(self) -> bool:
        return bool(self._dates)

    @property
    def summary(self) -> str:
        return f"{len(self._dates)} events"

    @property
    def description(self) -> str:
        if self._description is not None:
            return self._description
        if not self._dates:
            return "No events"
        return f"{len(self._dates)} events between {self._dates[0]} and {self._dates[-1]}"

    def next_run(
        self,
        *,
        last: RunInfo | None,
        earliest: datetime | None,
        latest: datetime | None,
        catchup: bool,
        now: datetime,
    ) -> RunInfo | None:
        place = 0 if last is None else bisect_right(self._dates, covered_until(last))
        if earliest is not None:
            place = max(place, bisect_left(self._dates, earliest))
        if not catchup:
            place = max(place, bisect_left(self._dates, now))
        if place >= len(self._dates) or (latest is not None and self._dates[place] > latest):
            return None
        return exact(self._dates[place])

    def manual_interval(self, *, run_after: datetime) -> DataInterval:
        moment = run_after
        if self._restrict and self._dates:
            moment = self._dates[max(0, bisect_right(self._dates, run_after) - 1)]
        return DataInterval(moment, moment)

    def args(self) -> dict[str, Any]:
        args: dict[str, Any] = {"event_dates": [date.isoformat() for date in self._dates]}
        if self._restrict:
            args["restrict_to_events"] = True
        if self._description is not None:
            args["description"] = self._description
        return args

    @classmethod
    def from_args(cls, args: dict[str, Any]) -> Self:
        return cls(
            [datetime.fromisoformat(date) for date in args["event_dates"]],
            restrict_to_events=args.get("restrict_to_events", False),
            presorted=True,
            description=args.get("description"),
        )


def _in_utc(date: datetime) -> datetime:
    if not isinstance(date, datetime) or date.tzinfo is None:
        raise InvalidSchedule(
            f"EventsTimetable needs datetimes with a time zone, such as "
            f"pendulum.datetime(2024, 1, 1, tz='UTC'), not {date!r}"
        )
    return datetime.fromtimestamp(date.timestamp(), UTC) if date.tzinfo is not UTC else date

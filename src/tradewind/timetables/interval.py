"""Timetables whose runs each cover a stretch of data and start when it has ended."""

from abc import abstractmethod
from datetime import datetime, tzinfo
from typing import Any, Self

from tradewind.model.intervals import DataInterval, RunInfo
from tradewind.timetables import durations
from tradewind.timetables.base import Timetable, covered_until
from tradewind.timetables.cron import Cron
from tradewind.timetables.durations import Duration


class _IntervalTimetable(Timetable):
    """The days, hours ... follow each other without a gap."""

    def next_run(
        self,
        *,
        last: RunInfo | None,
        earliest: datetime | None,
        latest: datetime | None,
        catchup: bool,
        now: datetime,
    ) -> RunInfo | None:
        start = self._first_start(earliest, catchup, now)
        if last is not None:
            following = self._aligned(covered_until(last))
            start = max(start, following) if start is not None else following
        if start is None or (latest is not None and start > latest):
            return None
        end = self._end(start)
        return RunInfo(end, DataInterval(start, end))

    def _first_start(
        self, earliest: datetime | None, catchup: bool, now: datetime
    ) -> datetime | None:
        first = None if earliest is None else self._start_at_or_after(earliest)
        if catchup:
            return first
        complete = self._latest_complete(now)
        return complete if first is None else max(complete, first)

    @abstractmethod
    def _end(self, start: datetime) -> datetime:
        """Where the interval that begins at `start` ends."""

    @abstractmethod
    def _start_at_or_after(self, moment: datetime) -> datetime:
        """Where the first interval begins that does not begin before `moment`."""

    @abstractmethod
    def _aligned(self, moment: datetime) -> datetime:
        """Where the interval begins that `moment` falls into."""

    @abstractmethod
    def _latest_complete(self, now: datetime) -> datetime:
        """Where the last interval begins that has ended by `now`."""


class CronDataIntervalTimetable(_IntervalTimetable):
    """Covers the stretch between two ticks of a cron expression, and runs at the second."""

    kind = "cron_data_interval"

    def __init__(
        self, expression: str = "", timezone: str | tzinfo = "UTC", *, cron: str = ""
    ) -> None:
        """`cron` is another name for `expression`."""
        self._cron = Cron(expression or cron, timezone)

    @property
    def summary(self) -> str:
        return self._cron.expression

    @property
    def description(self) -> str:
        return self._cron.description

    def previous(self, moment: datetime) -> datetime:
        return self._cron.before(moment)

    def _end(self, start: datetime) -> datetime:
        return self._cron.after(start)

    def _start_at_or_after(self, moment: datetime) -> datetime:
        return self._cron.at_or_after(moment)

    def _aligned(self, moment: datetime) -> datetime:
        return self._cron.at_or_before(moment)

    def _latest_complete(self, now: datetime) -> datetime:
        return self._cron.before(self._cron.at_or_before(now))

    def manual_interval(self, *, run_after: datetime) -> DataInterval:
        end = self._cron.at_or_before(run_after)
        return DataInterval(self._cron.before(end), end)

    def args(self) -> dict[str, Any]:
        return {"expression": self._cron.expression, "timezone": self._cron.timezone}

    @classmethod
    def from_args(cls, args: dict[str, Any]) -> Self:
        return cls(args["expression"], args["timezone"])


class DeltaDataIntervalTimetable(_IntervalTimetable):
    """Covers stretches of one length, each run when it has ended.

    They are counted from start_date; without catchup, from 1970.
    """

    kind = "delta_data_interval"

    def __init__(self, delta: Duration) -> None:
        durations.check_positive(delta)
        self._delta = durations.simplest(delta)

    @property
    def summary(self) -> str:
        return str(self._delta)

    def previous(self, moment: datetime) -> datetime:
        return moment - self._delta

    def _end(self, start: datetime) -> datetime:
        return start + self._delta

    def _start_at_or_after(self, moment: datetime) -> datetime:
        return moment

    def _aligned(self, moment: datetime) -> datetime:
        return moment

    def _latest_complete(self, now: datetime) -> datetime:
        return durations.on_grid(self._delta, now) - self._delta

    def manual_interval(self, *, run_after: datetime) -> DataInterval:
        return DataInterval(run_after - self._delta, run_after)

    def args(self) -> dict[str, Any]:
        return {"delta": durations.to_json(self._delta)}

    @classmethod
    def from_args(cls, args: dict[str, Any]) -> Self:
        return cls(durations.from_json(args["delta"]))

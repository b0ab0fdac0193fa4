"""Timetables without a calendar: never, once, and always again."""

from datetime import datetime
from typing import Any, Self

from tradewind.model.intervals import DataInterval, RunInfo
from tradewind.timetables.base import Timetable, covered_until, exact


class _Plain(Timetable):
    """Takes no arguments."""

    periodic = False

    def manual_interval(self, *, run_after: datetime) -> DataInterval | None:
        return DataInterval(run_after, run_after)

    def args(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_args(cls, args: dict[str, Any]) -> Self:
        return cls()


class NullTimetable(_Plain):
    """Never runs by itself."""

    kind = "null"
    summary = None
    description = "Never, external triggers only"

    @property
    def can_be_scheduled(self) -> bool:
        return False

    def next_run(
        self,
        *,
        last: RunInfo | None,
        earliest: datetime | None,
        latest: datetime | None,
        catchup: bool,
        now: datetime,
    ) -> RunInfo | None:
        return None


class OnceTimetable(_Plain):
    """Runs once, at start_date or at once if there is none."""

    kind = "once"
    summary = "@once"
    description = "Once, as soon as possible"

    def next_run(
        self,
        *,
        last: RunInfo | None,
        earliest: datetime | None,
        latest: datetime | None,
        catchup: bool,
        now: datetime,
    ) -> RunInfo | None:
        due = earliest or now
        if last is not None or (latest is not None and due > latest):
            return None
        return exact(due)


class ContinuousTimetable(_Plain):
    """Runs again as soon as the run before has finished, and covers the time since."""

    kind = "continuous"
    summary = "@continuous"
    description = "As frequently as possible, but only one run at a time."
    follows_now = True

    def next_run(
        self,
        *,
        last: RunInfo | None,
        earliest: datetime | None,
        latest: datetime | None,
        catchup: bool,
        now: datetime,
    ) -> RunInfo | None:
        if earliest is None:
            return None
        start = covered_until(last) if last is not None else earliest
        if latest is not None and start > latest:
            return None
        end = max(start, now)
        return RunInfo(end, DataInterval(start, end))

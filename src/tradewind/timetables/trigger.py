"""Timetables that say when to run; the data a run covers has no width unless one is asked for."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any, Self

from tradewind.model.errors import InvalidSchedule
from tradewind.model.intervals import DataInterval, RunInfo
from tradewind.timetables import durations
from tradewind.timetables.base import Timetable, covered_until
from tradewind.timetables.cron import Cron
from tradewind.timetables.durations import Duration

_LEAST_GRACE = timedelta(minutes=5)


def _covering(tick: datetime, interval: Duration) -> RunInfo:
    return RunInfo(tick, DataInterval(tick - interval, tick))


class CronTriggerTimetable(Timetable):
    """Runs at each tick of a cron expression."""

    kind = "cron_trigger"

    def __init__(
        self,
        expression: str = "",
        timezone: str | tzinfo = "",
        *,
        interval: Duration = durations.ZERO,
        run_immediately: bool | timedelta = False,
        cron: str = "",
    ) -> None:
        """`interval`: how much data before the tick a run covers.

        `run_immediately`: whether a DAG without start_date first runs for the tick just past:
        always, or if that is not longer ago than a timedelta; False allows a tenth of the gap
        between ticks and at least 5 minutes. `cron` is another name for `expression`.
        """
        if not timezone:
            raise InvalidSchedule("CronTriggerTimetable needs timezone=, such as timezone='UTC'")
        self._cron = Cron(expression or cron, timezone)
        self._interval = interval
        self._run_immediately = run_immediately

    @property
    def summary(self) -> str:
        return self._cron.expression

    @property
    def description(self) -> str:
        return self._cron.description

    def next_run(
        self,
        *,
        last: RunInfo | None,
        earliest: datetime | None,
        latest: datetime | None,
        catchup: bool,
        now: datetime,
    ) -> RunInfo | None:
        if last is not None:
            tick = self._cron.after(covered_until(last))
        elif earliest is not None:
            tick = self._cron.at_or_after(earliest)
        else:
            tick = self._first_without_start(now)
        if not catchup:
            tick = max(tick, self._cron.at_or_before(now))
            if earliest is not None:
                tick = max(tick, self._cron.at_or_after(earliest))
        if latest is not None and tick > latest:
            return None
        return _covering(tick, self._interval)

    def _first_without_start(self, now: datetime) -> datetime:
        past, coming = self._cron.at_or_before(now), self._cron.at_or_after(now)
        if self._run_immediately is True:
            return past
        if isinstance(self._run_immediately, timedelta):
            grace = self._run_immediately
        else:
            grace = max((coming - past) / 10, _LEAST_GRACE)
        return past if past >= now - grace else coming

    def manual_interval(self, *, run_after: datetime) -> DataInterval:
        return DataInterval(run_after - self._interval, run_after)

    def args(self) -> dict[str, Any]:
        return {
            "expression": self._cron.expression,
            "timezone": self._cron.timezone,
            **_common_args(self._interval, self._run_immediately),
        }

    @classmethod
    def from_args(cls, args: dict[str, Any]) -> Self:
        return cls(args["expression"], timezone=args["timezone"], **_common_from(args))


class MultipleCronTriggerTimetable(Timetable):
    """Runs at each tick of any of several cron expressions."""

    kind = "multiple_cron_trigger"

    def __init__(
        self,
        *crons: str,
        timezone: str | tzinfo = "",
        interval: Duration = durations.ZERO,
        run_immediately: bool | timedelta = False,
    ) -> None:
        if not crons:
            raise InvalidSchedule("MultipleCronTriggerTimetable needs at least one expression")
        self._each = [
            CronTriggerTimetable(
                cron, timezone=timezone, interval=interval, run_immediately=run_immediately
            )
            for cron in crons
        ]
        self._interval = interval
        self._run_immediately = run_immediately

    @property
    def summary(self) -> str:
        return ", ".join(one.summary for one in self._each)

    @property
    def description(self) -> str:
        return " and ".join(filter(None, (one.description for one in self._each)))

    def next_run(
        self,
        *,
        last: RunInfo | None,
        earliest: datetime | None,
        latest: datetime | None,
        catchup: bool,
        now: datetime,
    ) -> RunInfo | None:
        found: Sequence[RunInfo] = [
            info
            for one in self._each
            if (
                info := one.next_run(
                    last=last, earliest=earliest, latest=latest, catchup=catchup, now=now
                )
            )
        ]
        past = [info for info in found if info.run_after <= now]
        if past and not catchup:
            return max(past, key=lambda info: info.run_after)
        return min(found, key=lambda info: info.run_after, default=None)

    def manual_interval(self, *, run_after: datetime) -> DataInterval:
        return self._each[0].manual_interval(run_after=run_after)

    def args(self) -> dict[str, Any]:
        return {
            "expressions": [one.args()["expression"] for one in self._each],
            "timezone": self._each[0].args()["timezone"],
            **_common_args(self._interval, self._run_immediately),
        }

    @classmethod
    def from_args(cls, args: dict[str, Any]) -> Self:
        return cls(*args["expressions"], timezone=args["timezone"], **_common_from(args))


class DeltaTriggerTimetable(Timetable):
    """Runs at start_date and then each time a length of time has passed.

    Without catchup it first runs at once and counts on from there.
    """

    kind = "delta_trigger"

    def __init__(self, delta: Duration, *, interval: Duration = durations.ZERO) -> None:
        durations.check_positive(delta)
        self._delta = durations.simplest(delta)
        self._interval = interval

    @property
    def summary(self) -> str:
        return str(self._delta)

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
        if last is not None:
            due = covered_until(last) + self._delta
        if not catchup:
            due = max(due, now, earliest or now)
        if latest is not None and due > latest:
            return None
        return _covering(due, self._interval)

    def manual_interval(self, *, run_after: datetime) -> DataInterval:
        return DataInterval(run_after - self._interval, run_after)

    def args(self) -> dict[str, Any]:
        return {"delta": durations.to_json(self._delta), **_common_args(self._interval, False)}

    @classmethod
    def from_args(cls, args: dict[str, Any]) -> Self:
        return cls(durations.from_json(args["delta"]), interval=_interval_from(args))


def _common_args(interval: Duration, run_immediately: bool | timedelta) -> dict[str, Any]:
    args: dict[str, Any] = {}
    if interval != durations.ZERO:
        args["interval"] = durations.to_json(interval)
    if run_immediately is not False:
        args["run_immediately"] = (
            run_immediately if run_immediately is True else run_immediately.total_seconds()
        )
    return args


def _interval_from(args: dict[str, Any]) -> Duration:
    return durations.from_json(args.get("interval", 0.0))


def _common_from(args: dict[str, Any]) -> dict[str, Any]:
    at_once = args.get("run_immediately", False)
    return {
        "interval": _interval_from(args),
        "run_immediately": at_once if isinstance(at_once, bool) else timedelta(seconds=at_once),
    }

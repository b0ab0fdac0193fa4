"""What a DAG's `schedule=` turns into."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from tradewind.model.errors import InvalidSchedule
from tradewind.timetables.base import Timetable
from tradewind.timetables.interval import CronDataIntervalTimetable, DeltaDataIntervalTimetable
from tradewind.timetables.simple import ContinuousTimetable, NullTimetable, OnceTimetable
from tradewind.timetables.trigger import CronTriggerTimetable, DeltaTriggerTimetable


def resolve(schedule: object, *, timezone: str = "UTC", data_intervals: bool = False) -> Timetable:
    """The timetable for None, a preset, a cron string, a length of time or a timetable.

    `timezone` is where a cron string is read; `data_intervals` makes cron strings and lengths of
    time cover the stretch between two ticks. Raises InvalidSchedule for anything else.
    """
    match schedule:
        case Timetable():
            return schedule
        case None:
            return NullTimetable()
        case "@once":
            return OnceTimetable()
        case "@continuous":
            return ContinuousTimetable()
        case str() if data_intervals:
            return CronDataIntervalTimetable(schedule, timezone)
        case str():
            return CronTriggerTimetable(schedule, timezone=timezone)
        case timedelta() | relativedelta() if data_intervals:
            return DeltaDataIntervalTimetable(schedule)
        case timedelta() | relativedelta():
            return DeltaTriggerTimetable(schedule)
    raise InvalidSchedule(
        f"schedule={schedule!r} is none of None, a cron string or preset, a timedelta, a "
        f"relativedelta or a timetable"
    )

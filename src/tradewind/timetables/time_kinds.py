"""Timetables of the clock and of authors' own making, from data."""

from tradewind.model.errors import InvalidSchedule
from tradewind.model.plan import ScheduleSpec
from tradewind.timetables.base import Timetable
from tradewind.timetables.custom import CustomTimetable
from tradewind.timetables.events import EventsTimetable
from tradewind.timetables.interval import CronDataIntervalTimetable, DeltaDataIntervalTimetable
from tradewind.timetables.simple import ContinuousTimetable, NullTimetable, OnceTimetable
from tradewind.timetables.trigger import (
    CronTriggerTimetable,
    DeltaTriggerTimetable,
    MultipleCronTriggerTimetable,
)

TIME_KINDS: dict[str, type[Timetable]] = {
    cls.kind: cls
    for cls in (
        NullTimetable,
        OnceTimetable,
        ContinuousTimetable,
        CronTriggerTimetable,
        MultipleCronTriggerTimetable,
        DeltaTriggerTimetable,
        CronDataIntervalTimetable,
        DeltaDataIntervalTimetable,
        EventsTimetable,
        CustomTimetable,
    )
}


def timetable_of_time(spec: ScheduleSpec) -> Timetable:
    """The timetable that `spec` describes; raises InvalidSchedule for an unknown kind."""
    cls = TIME_KINDS.get(spec.kind)
    if cls is None:
        raise InvalidSchedule(
            f"there is no timetable {spec.kind!r}; known are {', '.join(TIME_KINDS)}"
        )
    return cls.from_args(spec.args)

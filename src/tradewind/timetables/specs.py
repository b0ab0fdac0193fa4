"""Timetables from data."""

from tradewind.model.errors import InvalidSchedule
from tradewind.model.plan import ScheduleSpec
from tradewind.timetables.assets import AssetOrTimeTimetable, AssetTriggeredTimetable
from tradewind.timetables.base import Timetable
from tradewind.timetables.partitions import (
    CronPartitionTimetable,
    PartitionedAssetsTimetable,
    PartitionedAtRuntime,
)
from tradewind.timetables.time_kinds import TIME_KINDS

KINDS: dict[str, type[Timetable]] = {
    **TIME_KINDS,
    **{
        cls.kind: cls
        for cls in (
            AssetTriggeredTimetable,
            AssetOrTimeTimetable,
            CronPartitionTimetable,
            PartitionedAssetsTimetable,
            PartitionedAtRuntime,
        )
    },
}


def from_spec(spec: ScheduleSpec) -> Timetable:
    """The timetable that `spec` describes; raises InvalidSchedule for an unknown kind."""
    cls = KINDS.get(spec.kind)
    if cls is None:
        raise InvalidSchedule(f"there is no timetable {spec.kind!r}; known are {', '.join(KINDS)}")
    return cls.from_args(spec.args)

"""When a DAG is due: pure calendar arithmetic. Knows no clock, no runs and no database."""

from tradewind.timetables.assets import AssetOrTimeTimetable, AssetTriggeredTimetable
from tradewind.timetables.base import Timetable
from tradewind.timetables.custom import CustomTimetable, NotToldYet
from tradewind.timetables.events import EventsTimetable
from tradewind.timetables.interval import CronDataIntervalTimetable, DeltaDataIntervalTimetable
from tradewind.timetables.partitions import (
    CronPartitionTimetable,
    PartitionedAssetsTimetable,
    PartitionedAtRuntime,
)
from tradewind.timetables.presets import resolve
from tradewind.timetables.simple import ContinuousTimetable, NullTimetable, OnceTimetable
from tradewind.timetables.specs import from_spec
from tradewind.timetables.trigger import (
    CronTriggerTimetable,
    DeltaTriggerTimetable,
    MultipleCronTriggerTimetable,
)

__all__ = [
    "AssetOrTimeTimetable",
    "AssetTriggeredTimetable",
    "ContinuousTimetable",
    "CronDataIntervalTimetable",
    "CronPartitionTimetable",
    "CronTriggerTimetable",
    "CustomTimetable",
    "DeltaDataIntervalTimetable",
    "DeltaTriggerTimetable",
    "EventsTimetable",
    "MultipleCronTriggerTimetable",
    "NotToldYet",
    "NullTimetable",
    "OnceTimetable",
    "PartitionedAssetsTimetable",
    "PartitionedAtRuntime",
    "Timetable",
    "from_spec",
    "resolve",
]

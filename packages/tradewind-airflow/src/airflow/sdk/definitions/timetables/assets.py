"""Schedules of assets."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AssetOrTimeSchedule": "tradewind:AssetOrTimeSchedule",
        "AssetTriggeredTimetable": "tradewind.timetables:AssetTriggeredTimetable",
        "PartitionedAssetTimetable": "tradewind:PartitionedAssetTimetable",
        "PartitionedAtRuntime": "tradewind:PartitionedAtRuntime",
    },
)

"""Timetables that name a moment."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "CronPartitionTimetable": "tradewind.timetables:CronPartitionTimetable",
        "CronTriggerTimetable": "tradewind.timetables:CronTriggerTimetable",
        "DeltaTriggerTimetable": "tradewind.timetables:DeltaTriggerTimetable",
        "MultipleCronTriggerTimetable": "tradewind.timetables:MultipleCronTriggerTimetable",
    },
)

"""Timetables with data intervals."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "CronDataIntervalTimetable": "tradewind.timetables:CronDataIntervalTimetable",
        "DeltaDataIntervalTimetable": "tradewind.timetables:DeltaDataIntervalTimetable",
    },
)

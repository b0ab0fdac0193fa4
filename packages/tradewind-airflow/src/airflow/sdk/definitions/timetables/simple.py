"""Timetables without a calendar."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "ContinuousTimetable": "tradewind.timetables:ContinuousTimetable",
        "NullTimetable": "tradewind.timetables:NullTimetable",
        "OnceTimetable": "tradewind.timetables:OnceTimetable",
    },
)

"""A timetable of given dates."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "EventsTimetable": "tradewind.timetables:EventsTimetable",
    },
)

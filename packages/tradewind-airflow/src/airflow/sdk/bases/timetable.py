"""What every timetable is."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "BaseTimetable": "tradewind.timetables:Timetable",
    },
)

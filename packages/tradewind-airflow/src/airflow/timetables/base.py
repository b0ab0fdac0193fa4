"""What timetables are made of."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DataInterval": "tradewind.model.snapshots:DataInterval",
        "Timetable": "tradewind.timetables:Timetable",
    },
)

"""What timetables are made of."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DagRunInfo": "tradewind.authoring.custom_timetable:DagRunInfo",
        "DataInterval": "tradewind.model.intervals:DataInterval",
        "TimeRestriction": "tradewind.authoring.custom_timetable:TimeRestriction",
        "Timetable": "tradewind.authoring.custom_timetable:Timetable",
    },
)

"""Timetables."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "coerce_to_core_timetable": "tradewind.authoring.custom_timetable:coerce_to_core_timetable",
    },
)

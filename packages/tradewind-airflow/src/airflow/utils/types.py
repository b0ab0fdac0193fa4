"""Kinds of runs."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DagRunType": "tradewind.model.states:RunType",
    },
    deprecated={
        "NOTSET": "tradewind.authoring.notset:NOTSET",
    },
)

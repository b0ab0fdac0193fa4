"""Kinds of runs, and the value of an argument that was not given."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DagRunTriggeredByType": "tradewind.authoring.run_facts:DagRunTriggeredByType",
        "DagRunType": "tradewind.model.states:RunType",
    },
    deprecated={
        "ArgNotSet": "tradewind.authoring.notset:ArgNotSet",
        "NOTSET": "tradewind.authoring.notset:NOTSET",
    },
)

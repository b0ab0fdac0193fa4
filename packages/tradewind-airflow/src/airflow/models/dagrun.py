"""DagRun, as a running task sees it."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DagRun": "tradewind.authoring.run_facts:DagRun",
        "DagRunType": "tradewind.model.states:RunType",
    },
)

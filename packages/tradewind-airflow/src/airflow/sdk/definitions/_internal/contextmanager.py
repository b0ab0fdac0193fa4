"""The open DAG and TaskGroup."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DagContext": "tradewind.authoring.scopes:DagContext",
        "TaskGroupContext": "tradewind.authoring.scopes:TaskGroupContext",
    },
)

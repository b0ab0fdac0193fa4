"""The names of a running task."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "NEVER_EXPIRE": "tradewind:NEVER_EXPIRE",
        "context_to_airflow_vars": "tradewind.authoring.context:context_to_airflow_vars",
    },
)

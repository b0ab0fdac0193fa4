"""Metrics of user code."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "stats": "airflow.sdk.observability.stats",
    },
)

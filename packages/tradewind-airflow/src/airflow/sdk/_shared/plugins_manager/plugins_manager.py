"""Plugins."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AirflowPlugin": "tradewind.authoring.plugins:AirflowPlugin",
    },
)

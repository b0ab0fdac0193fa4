"""Listings."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AirflowConsole": "tradewind.authoring.server_kit.console:AirflowConsole",
    },
)

"""Runs made by hand."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "trigger_dag": "tradewind.authoring.provider_kit.no_database:trigger_dag",
    },
)

"""The audit log, as the database has it."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "Log": "tradewind.authoring.provider_kit.no_database:Log",
    },
)

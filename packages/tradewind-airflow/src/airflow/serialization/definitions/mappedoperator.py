"""Mapped tasks as the database has them."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "SerializedMappedOperator": "tradewind.authoring.provider_kit.no_database:SerializedMappedOperator",
    },
)

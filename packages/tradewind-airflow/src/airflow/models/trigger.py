"""Triggers, as the database has them."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "Trigger": "tradewind.authoring.provider_kit.no_database:Trigger",
        "TriggerFailureReason": "tradewind.authoring.resuming:TriggerFailureReason",
    },
)

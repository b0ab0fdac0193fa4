"""TriggerRule."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "TriggerRule": "tradewind.authoring.old_names:TriggerRule",
    },
)

"""Metrics of user code."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    deprecated={
        "Stats": "tradewind.authoring.provider_kit.metrics:Stats",
    },
)

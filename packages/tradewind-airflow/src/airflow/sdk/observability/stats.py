"""Metrics of user code."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "Stats": "tradewind.authoring.provider_kit.metrics:Stats",
        "decr": "tradewind.authoring.provider_kit.metrics:decr",
        "gauge": "tradewind.authoring.provider_kit.metrics:gauge",
        "incr": "tradewind.authoring.provider_kit.metrics:incr",
        "timer": "tradewind.authoring.provider_kit.metrics:timer",
        "timing": "tradewind.authoring.provider_kit.metrics:timing",
    },
)

"""Wiring helpers, as 1.10 had them."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    removed={
        "chain": "tradewind:chain",
        "cross_downstream": "tradewind:cross_downstream",
    },
)

"""How many keys a rollup waits for."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "MinimumCount": "tradewind:MinimumCount",
        "WaitForAll": "tradewind:WaitForAll",
    },
)

"""BaseOperator and the wiring helpers."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "BaseAsyncOperator": "tradewind:BaseAsyncOperator",
        "BaseOperator": "tradewind:BaseOperator",
        "chain": "tradewind:chain",
        "chain_linear": "tradewind:chain_linear",
        "cross_downstream": "tradewind:cross_downstream",
    },
)

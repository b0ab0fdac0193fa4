"""EmptyOperator, as 1.10 named it."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    removed={
        "DummyOperator": "tradewind.integrations.standard.operators.empty:EmptyOperator",
        "EmptyOperator": "tradewind.integrations.standard.operators.empty:EmptyOperator",
    },
)

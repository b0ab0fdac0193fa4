"""EmptyOperator."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    deprecated={
        "EmptyOperator": "tradewind.integrations.standard.operators.empty:EmptyOperator",
    },
)

"""Operators, as 1.10 imported them from the package itself."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    removed={
        "BashOperator": "tradewind.integrations.standard.operators.bash:BashOperator",
        "DummyOperator": "tradewind.integrations.standard.operators.empty:EmptyOperator",
        "PythonOperator": "tradewind.integrations.standard.operators.python:PythonOperator",
    },
)

"""PythonOperator."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    deprecated={
        "PythonOperator": "tradewind.integrations.standard.operators.python:PythonOperator",
        "get_current_context": "tradewind:get_current_context",
    },
    removed={
        "task": "tradewind:task",
    },
)

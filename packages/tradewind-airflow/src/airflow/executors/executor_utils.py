"""How an executor is named."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "ExecutorName": "tradewind.authoring.server_kit.executors:ExecutorName",
    },
)

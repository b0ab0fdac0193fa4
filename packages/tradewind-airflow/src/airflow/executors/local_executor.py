"""The executor of this machine."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "LocalExecutor": "tradewind.authoring.server_kit.executors:LocalExecutor",
    },
)

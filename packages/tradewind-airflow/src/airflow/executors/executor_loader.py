"""Which executor is configured."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "ExecutorLoader": "tradewind.authoring.server_kit.executors:ExecutorLoader",
    },
)

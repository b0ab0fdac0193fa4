"""The base of executors."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "BaseExecutor": "tradewind.authoring.server_kit.executors:BaseExecutor",
        "ExecutorConf": "tradewind.authoring.server_kit.executors:ExecutorConf",
    },
)

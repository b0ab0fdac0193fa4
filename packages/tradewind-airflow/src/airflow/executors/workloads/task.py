"""Tries of tasks."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "ExecuteTask": "tradewind.authoring.server_kit.workloads:ExecuteTask",
        "TaskInstanceDTO": "tradewind.authoring.server_kit.workloads:TaskInstanceDTO",
    },
)

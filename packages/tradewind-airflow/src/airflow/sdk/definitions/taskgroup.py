"""TaskGroup."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "MappedTaskGroup": "tradewind.authoring.task_group:MappedTaskGroup",
        "TaskGroup": "tradewind:TaskGroup",
    },
)

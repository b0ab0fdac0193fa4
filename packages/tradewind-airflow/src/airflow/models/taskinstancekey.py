"""TaskInstanceKey."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "TaskInstanceKey": "tradewind.authoring.provider_kit.task_keys:TaskInstanceKey",
    },
)

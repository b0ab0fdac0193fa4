"""TaskInstance, as a running task sees it."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "TaskInstance": "tradewind:TaskInstance",
        "TaskInstanceKey": "tradewind.authoring.provider_kit.task_keys:TaskInstanceKey",
        "clear_task_instances": "tradewind.authoring.provider_kit.no_database:clear_task_instances",
    },
)

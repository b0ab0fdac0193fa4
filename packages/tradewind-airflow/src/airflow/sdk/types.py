"""Which try of which task, and names for annotations."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "Operator": "tradewind:BaseOperator",
        "RuntimeTaskInstanceProtocol": "tradewind:TaskInstance",
        "TaskInstance": "tradewind:TaskInstance",
        "TaskInstanceKey": "tradewind.authoring.provider_kit.task_keys:TaskInstanceKey",
    },
)

"""What a task has where nothing is said."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DEFAULT_OWNER": "tradewind.authoring.provider_kit.task_defaults:DEFAULT_OWNER",
        "DEFAULT_QUEUE": "tradewind.authoring.provider_kit.task_defaults:DEFAULT_QUEUE",
        "DEFAULT_TASK_EXECUTION_TIMEOUT": "tradewind.authoring.provider_kit.task_defaults:DEFAULT_TASK_EXECUTION_TIMEOUT",
        "DEFAULT_TRIGGER_RULE": "tradewind.authoring.provider_kit.task_defaults:DEFAULT_TRIGGER_RULE",
        "NotMapped": "tradewind.authoring.provider_kit.task_defaults:NotMapped",
        "TaskStateChangeCallback": "tradewind.authoring.provider_kit.task_defaults:TaskStateChangeCallback",
    },
)

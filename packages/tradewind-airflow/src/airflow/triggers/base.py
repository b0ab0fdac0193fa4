"""What tasks wait in."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "BaseEventTrigger": "tradewind.authoring.triggers:BaseEventTrigger",
        "BaseTaskEndEvent": "tradewind.authoring.triggers:BaseTaskEndEvent",
        "BaseTrigger": "tradewind.authoring.triggers:BaseTrigger",
        "StartTriggerArgs": "tradewind.authoring.triggers:StartTriggerArgs",
        "TaskFailedEvent": "tradewind.authoring.triggers:TaskFailedEvent",
        "TaskSkippedEvent": "tradewind.authoring.triggers:TaskSkippedEvent",
        "TaskSuccessEvent": "tradewind.authoring.triggers:TaskSuccessEvent",
        "TriggerEvent": "tradewind.authoring.triggers:TriggerEvent",
    },
)

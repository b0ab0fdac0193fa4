"""How a task goes on after a wait in a trigger."""

from enum import StrEnum
from typing import Any

from tradewind.authoring.errors import TaskDeferralError, TaskDeferralTimeout
from tradewind.model.deferral import FAILED_TRIGGER, TRIGGER_FAILURE, TRIGGER_TIMEOUT


class TriggerFailureReason(StrEnum):
    """Why a wait ended without an event."""

    __module__ = "airflow.models.trigger"

    TRIGGER_TIMEOUT = TRIGGER_TIMEOUT
    TRIGGER_FAILURE = TRIGGER_FAILURE


def resumed(task: Any, method_name: str, kwargs: dict[str, Any] | None, context: Any) -> Any:
    """Call the task's method. Raises TaskDeferralTimeout or TaskDeferralError for a failed wait."""
    arguments = dict(kwargs or {})
    if method_name == FAILED_TRIGGER:
        for line in arguments.get("traceback") or ():
            task.log.error("Trigger failed: %s", line)
        error = arguments.get("error", "Unknown")
        if error == TriggerFailureReason.TRIGGER_TIMEOUT:
            raise TaskDeferralTimeout(error)
        raise TaskDeferralError(error)
    return getattr(task, method_name)(context, **arguments)

"""What a task has where nothing is said, and what a database can hold of its priority."""

from collections.abc import Callable, Mapping
from typing import Any

from tradewind.model.plan import TriggerRule

DEFAULT_OWNER = "airflow"
DEFAULT_QUEUE = "default"
DEFAULT_TASK_EXECUTION_TIMEOUT = None
DEFAULT_TRIGGER_RULE = TriggerRule.ALL_SUCCESS
DB_SAFE_MINIMUM = -(2**31)
DB_SAFE_MAXIMUM = 2**31 - 1

TaskStateChangeCallback = Callable[[Mapping[str, Any]], None]


class NotMapped(Exception):
    """A task that is in no mapped group was asked for its map index."""

    __module__ = "airflow.sdk.definitions._internal.abstractoperator"


def db_safe_priority(priority_weight: int) -> int:
    """The nearest that 32 bits can hold."""
    return max(DB_SAFE_MINIMUM, min(DB_SAFE_MAXIMUM, priority_weight))

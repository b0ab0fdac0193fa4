"""When a failed try is followed by another, and how long that waits."""

from datetime import datetime, timedelta
from hashlib import sha1
from math import ceil

from tradewind.model.keys import TaskKey
from tradewind.model.plan import TaskPlan

LONGEST_S = 86_400.0
"""Cap of a growing delay where the task names none."""


def has_try_left(try_number: int, max_tries: int) -> bool:
    """Whether a try that failed is followed by another."""
    return try_number <= max_tries


def delay(
    task: TaskPlan, key: TaskKey, *, logical_date: datetime | None, try_number: int
) -> timedelta:
    """How long to wait after failed try `try_number`.

    A constant delay is taken as it is. A growing one is spread by a hash of the task instance and
    try, the same on every machine, so that tasks that failed together do not return together.
    """
    if task.retry_backoff in (0, 1):
        return timedelta(seconds=task.retry_delay_s)
    cap_s = LONGEST_S if task.max_retry_delay_s is None else task.max_retry_delay_s
    try:
        base_s = max(1, ceil(task.retry_delay_s * task.retry_backoff ** (try_number - 1)))
    except OverflowError:
        return timedelta(seconds=cap_s)
    name = f"{key.dag_id}#{key.task_id}#{logical_date}#{try_number}"
    spread_s = int(sha1(name.encode(), usedforsecurity=False).hexdigest(), 16) % base_s
    return timedelta(seconds=min(base_s + spread_s, cap_s))

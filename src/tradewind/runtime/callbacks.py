"""What a task asked to have called at its end: in its own process, once the end is in the
database. Whatever a callback does, the task's state stays.
"""

import logging
from collections.abc import Callable
from typing import Any

from tradewind.authoring import host
from tradewind.authoring.context import activate
from tradewind.authoring.operator import BaseOperator
from tradewind.model.attempts import Result
from tradewind.model.states import TaskState
from tradewind.runtime.execution import Ran

log = logging.getLogger("task")

ATTRIBUTES = {
    TaskState.SUCCESS: "on_success_callback",
    TaskState.SKIPPED: "on_skipped_callback",
    TaskState.UP_FOR_RETRY: "on_retry_callback",
    TaskState.FAILED: "on_failure_callback",
}
"""Which callbacks belong to the state that an end left its task in."""

POSSIBLE = {
    Result.SUCCESS: (TaskState.SUCCESS,),
    Result.SKIPPED: (TaskState.SKIPPED,),
    Result.FAILED: (TaskState.UP_FOR_RETRY, TaskState.FAILED),
    Result.FAILED_FOR_GOOD: (TaskState.FAILED,),
}
"""What a result may become: whether there is anything to wait for."""


def are_wanted(ran: Ran) -> bool:
    """Whether any callback may follow this outcome."""
    task = ran.task
    return (
        task is not None
        and bool(ran.context)
        and any(_of(task, state) for state in POSSIBLE.get(ran.outcome.result, ()))
    )


def run(ran: Ran, state: TaskState, asked: host.Host) -> None:
    """Call what belongs to `state`, in order, each with the task's context."""
    if ran.task is None or not ran.context:
        return
    ran.context["ti"].state = state
    if ran.error is not None:
        ran.context["exception"] = ran.error
    with host.use(asked), activate(ran.context):
        for callback in _of(ran.task, state):
            try:
                callback(ran.context)
            except BaseException:
                log.exception("%s of %s failed", ATTRIBUTES[state], ran.task.task_id)


def _of(task: BaseOperator, state: TaskState) -> list[Callable[..., Any]]:
    found: list[Callable[..., Any]] = getattr(task, ATTRIBUTES.get(state, ""), None) or []
    return found

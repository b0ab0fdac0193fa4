"""Task instances that wait without a process: how the wait begins, and what it holds meanwhile."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tradewind.core.task_instance import Task
from tradewind.model.changes import TriggersChanged, WaitOver, WaitWritten, XComsCleared
from tradewind.model.deferral import Deferral, Waiting
from tradewind.model.plan import TaskPlan
from tradewind.model.states import TaskState

if TYPE_CHECKING:
    from tradewind.core.turn import Turn

_GOES_ON = frozenset(
    {
        TaskState.DEFERRED,
        TaskState.AWAITING_INPUT,
        TaskState.SCHEDULED,
        TaskState.QUEUED,
        TaskState.RUNNING,
    }
)
"""States in which a task instance remembers where it left off."""


def begin_wait(turn: "Turn", task: Task, deferral: Deferral, reason: str, **facts: Any) -> None:
    """Let a task instance wait for the trigger it asks for, or for a person."""
    timeout_s = deferral.timeout_s
    timeout_at = None if timeout_s is None else turn.now + timedelta(seconds=timeout_s)
    waiting = Waiting(
        key=task.key,
        trigger=turn.fleet.new_token(),
        method=deferral.method,
        method_kwargs=deferral.method_kwargs,
        timeout_at=timeout_at,
        at=deferral.at,
        word=deferral.word,
    )
    due = min((at for at in (timeout_at, deferral.at) if at is not None), default=None)
    for_a_person = deferral.classpath is None
    state = TaskState.AWAITING_INPUT if for_a_person else TaskState.DEFERRED
    turn.move(task, state, reason, waiting=waiting, due_at=due, **facts)
    turn.emit(WaitWritten(waiting, deferral))
    if deferral.at is None and not for_a_person:
        turn.emit(TriggersChanged())
    if due is not None:
        turn.fleet.wake_at(due, task.key)


def start_of(plan: TaskPlan) -> Deferral:
    """What a task that begins in a trigger waits for."""
    start = plan.start_trigger
    assert start is not None
    limits_s = [s for s in (start.timeout_s, plan.execution_timeout_s) if s is not None]
    return Deferral(
        classpath=start.classpath,
        kwargs=start.trigger_kwargs,
        method=start.next_method,
        method_kwargs=start.next_kwargs,
        timeout_s=min(limits_s, default=None),
    )


def begin_in_trigger(turn: "Turn", task: Task) -> None:
    """Begin a try, without a process, in the trigger that its task names."""
    is_called_again = task.state is TaskState.UP_FOR_RESCHEDULE
    if not is_called_again and task.try_number > 0:
        turn.emit(XComsCleared(task.key))
    begin_wait(
        turn,
        task,
        start_of(task.node.plan),
        "starts in the triggerer",
        try_number=task.try_number + (not is_called_again),
        scheduled_at=turn.now,
        queued_at=None,
        start_date=turn.now,
        end_date=None,
        hostname=None,
        pid=None,
        cpu_s=None,
        max_rss_kib=None,
        exit_reason=None,
        reschedules=task.reschedules if is_called_again else 0,
        map_length=None,
        rendered_map_index=None,
    )


def moved(turn: "Turn", task: Task, before: TaskState, after: TaskState) -> None:
    """A task instance that waits, or did, has come to another state."""
    slots = turn.fleet.slots
    if before is TaskState.DEFERRED:
        slots.end_wait(task)
    if after is TaskState.DEFERRED:
        slots.begin_wait(task)
    elif after not in _GOES_ON:
        if before is TaskState.DEFERRED:
            turn.emit(TriggersChanged())
        task.waiting = None
        turn.emit(WaitOver(task.key))


def is_over(waiting: Waiting, now: datetime) -> bool:
    """Whether the moment it waits for has come, and not too late."""
    if waiting.at is None or waiting.at > now:
        return False
    return waiting.timeout_at is None or waiting.at <= waiting.timeout_at

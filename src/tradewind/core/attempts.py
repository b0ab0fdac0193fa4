"""What an attempt reports: that it started, what it pushed, how it ended. Stale tokens count not."""

from datetime import datetime, timedelta
from typing import Any

from tradewind.core import choices, human_input, retries
from tradewind.core.assets import note_updates
from tradewind.core.endings import stop_after_failure
from tradewind.core.readiness import NO_TRY_YET, wait_for_slots
from tradewind.core.task_instance import Task
from tradewind.core.turn import Turn
from tradewind.core.waiting import begin_wait
from tradewind.model.attempts import Outcome, Result
from tradewind.model.changes import (
    EndAcknowledged,
    FieldsWritten,
    Kill,
    SourceKept,
    XComsCleared,
    XComWritten,
)
from tradewind.model.deferral import Deferral
from tradewind.model.events import (
    AttemptEnded,
    AttemptStarted,
    CodeLoaded,
    FieldsRendered,
    XComPushed,
)
from tradewind.model.states import TaskState

LONG_WAIT = timedelta(seconds=10)
"""From then on a second more or less is none."""


def started(turn: Turn, event: AttemptStarted) -> None:
    """The process of an attempt is up."""
    task = turn.fleet.attempts.get(event.token)
    if task is None:
        turn.emit(Kill(event.token, "its try is over"))
    elif task.state is TaskState.QUEUED:
        _start(turn, task, at=event.at, pid=event.pid, hostname=event.hostname)


def loaded(turn: Turn, event: CodeLoaded) -> None:
    """A running attempt found other code than it was ordered with."""
    task = turn.fleet.attempts.get(event.token)
    if task is not None and task.state is not TaskState.RESTARTING:
        turn.emit(SourceKept(event.source))
        turn.rewrite(task, "its file had changed", code_hash=event.source.code_hash)


def pushed(turn: Turn, event: XComPushed) -> None:
    """A running attempt pushed a value."""
    task = turn.fleet.attempts.get(event.token)
    if task is not None and task.state is not TaskState.RESTARTING:
        _write_xcom(turn, task, event.key, event.value)


def rendered(turn: Turn, event: FieldsRendered) -> None:
    """A running attempt rendered its template fields."""
    task = turn.fleet.attempts.get(event.token)
    if task is not None:
        turn.emit(FieldsWritten(task.key, event.fields))


def ended(turn: Turn, event: AttemptEnded) -> None:
    """An attempt ended; its supervisor is always told what became of the task instance."""
    task = turn.fleet.attempts.get(event.token)
    if task is None:
        turn.emit(EndAcknowledged(event.token, TaskState.REMOVED))
        return
    if task.state is TaskState.RESTARTING:
        _restart(turn, task, event.outcome)
    elif event.outcome.result is Result.NOT_STARTED and task.state is TaskState.QUEUED:
        _dispatch_again(turn, task, event.outcome)
    else:
        _end(turn, task, event.outcome)
    turn.emit(EndAcknowledged(event.token, task.state))


def _write_xcom(turn: Turn, task: Task, key: str, value: Any) -> None:
    turn.emit(XComWritten(task.key, key, value))
    choices.note(task, key, value)


def _start(turn: Turn, task: Task, *, at: datetime, pid: int | None, hostname: str | None) -> None:
    is_first_start = task.start_date is None
    begins_anew = (is_first_start and task.try_number > 1) or task.reschedules
    if begins_anew and task.waiting is None:
        turn.emit(XComsCleared(task.key))
        choices.forget(task)
    turn.move(
        task,
        TaskState.RUNNING,
        "its process started",
        start_date=at if is_first_start else task.start_date,
        pid=pid,
        hostname=hostname,
    )


def _restart(turn: Turn, task: Task, outcome: Outcome) -> None:
    if outcome.result is Result.NOT_STARTED and task.start_date is None:
        reason = "cleared before its process started"
        forget_try(turn, task, reason, try_number=task.try_number - 1)
        return
    turn.archive(task)
    forget_try(turn, task, "its process ended after it was cleared", try_number=task.try_number)


def forget_try(turn: Turn, task: Task, reason: str, *, try_number: int) -> None:
    """Back to the start, with a fresh set of retries after `try_number`."""
    turn.move(
        task,
        TaskState.NONE,
        reason,
        try_number=try_number,
        max_tries=try_number + task.node.plan.retries,
        scheduled_at=None,
        **NO_TRY_YET,
    )


def _dispatch_again(turn: Turn, task: Task, outcome: Outcome) -> None:
    reason = outcome.reason or "user code never began"
    has_begun = task.start_date is not None  # and was to be called again
    queued_at = task.queued_at if has_begun else None
    turn.move(task, TaskState.SCHEDULED, reason, queued_at=queued_at)
    wait_for_slots(turn, task)


def _end(turn: Turn, task: Task, outcome: Outcome) -> None:
    if task.state is TaskState.QUEUED:
        began = outcome.start_date or outcome.end_date
        _start(turn, task, at=began, pid=None, hostname=None)
    for key, value in outcome.xcoms:
        _write_xcom(turn, task, key, value)
    facts: dict[str, Any] = {
        "start_date": _start_of_try(task, outcome),
        "cpu_s": outcome.cpu_s,
        "max_rss_kib": outcome.max_rss_kib,
        "exit_reason": outcome.reason,
    }
    if outcome.deferral is not None:
        begin_wait(turn, task, outcome.deferral, _why_it_waits(outcome.deferral), **facts)
        human_input.go_on_if_answered(turn, task)
        return
    state, reason, due_at = _fate(task, outcome)
    turn.move(
        task,
        state,
        reason,
        end_date=outcome.end_date,
        due_at=due_at,
        reschedules=task.reschedules + (state is TaskState.UP_FOR_RESCHEDULE),
        map_length=outcome.map_length,
        rendered_map_index=outcome.rendered_map_index,
        **facts,
    )
    if state is TaskState.SUCCESS:
        choices.skip(turn, task, outcome.skips)
        if outcome.asset_updates:
            note_updates(turn, outcome.asset_updates, task.key)
    if due_at is not None and due_at > turn.now:
        turn.fleet.wake_at(due_at, task.key)
    else:
        turn.fleet.look_at([task])
    if state is TaskState.FAILED:
        stop_after_failure(turn, task.run, f"fail_fast: {task.key.task_id} failed")


def _why_it_waits(deferral: Deferral) -> str:
    if deferral.classpath is None:
        return "it waits for a person's answer"
    return "it handed over to a trigger"


def _start_of_try(task: Task, outcome: Outcome) -> datetime | None:
    """When the try first began, be it that it was called again since."""
    first, queued = task.start_date, task.queued_at
    if first is not None and queued is not None and first < queued:
        return first
    return outcome.start_date or first


def _fate(task: Task, outcome: Outcome) -> tuple[TaskState, str, datetime | None]:
    """The state an end leads to, why, and when it goes on."""
    match outcome.result:
        case Result.SUCCESS:
            return TaskState.SUCCESS, "execute returned", None
        case Result.SKIPPED:
            return TaskState.SKIPPED, outcome.reason or "it raised AirflowSkipException", None
        case Result.RESCHEDULE:
            at = _call_again_at(outcome)
            return TaskState.UP_FOR_RESCHEDULE, f"call again at {at.isoformat()}", at
    reason = outcome.reason or outcome.result.value
    if outcome.result is Result.FAILED_FOR_GOOD or not retries.has_try_left(
        task.try_number, task.max_tries
    ):
        return TaskState.FAILED, reason, None
    return TaskState.UP_FOR_RETRY, reason, outcome.end_date + _delay(task, outcome)


def _call_again_at(outcome: Outcome) -> datetime:
    """When a task is called again; after a long wait on a full second, so that those that look once
    a minute are called, and their steps written, several at a time."""
    at = outcome.reschedule_at or outcome.end_date
    if at - outcome.end_date < LONG_WAIT or not at.microsecond:
        return at
    return at.replace(microsecond=0) + timedelta(seconds=1)


def _delay(task: Task, outcome: Outcome) -> timedelta:
    if outcome.result in (Result.LOST, Result.NOT_STARTED):
        return timedelta(0)
    if outcome.retry_after_s is not None:
        return timedelta(seconds=outcome.retry_after_s)
    return retries.delay(
        task.node.plan,
        task.key,
        logical_date=task.run.logical_date,
        try_number=task.try_number,
    )

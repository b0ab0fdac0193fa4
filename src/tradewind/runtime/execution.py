"""One attempt of one task, from its context to its outcome: the same under a supervisor and in
`dags test`. Knows no sockets and no scheduling: what the outcome means is for others to say.
"""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tradewind.authoring import context as task_context
from tradewind.authoring import host, mapped_output, serde, templating, timezone, xcoms
from tradewind.authoring.dag import DAG
from tradewind.authoring.errors import (
    AirflowException,
    AirflowFailException,
    AirflowInactiveAssetInInletOrOutletException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    DagRunTriggerException,
    DownstreamTasksSkipped,
    TaskAwaitingInput,
    TaskDeferred,
)
from tradewind.authoring.lazy import LazyModule
from tradewind.authoring.meanings import profile_of
from tradewind.authoring.operator import BaseOperator
from tradewind.model.attempts import Attempt, Outcome, Result
from tradewind.model.deferral import ENDED_BY_TRIGGER
from tradewind.model.events import FieldsRendered
from tradewind.model.states import TaskState
from tradewind.runtime import deferring, other_runs
from tradewind.runtime.extra_links import links_of
from tradewind.runtime.interruptions import interruptible
from tradewind.runtime.logs import last_line
from tradewind.runtime.retry_policies import decided
from tradewind.runtime.usage import Usage

if TYPE_CHECKING:
    from tradewind.authoring import asset_events
else:
    asset_events = LazyModule("tradewind.authoring.asset_events")

log = logging.getLogger("task")

RESULTS: tuple[tuple[type[BaseException], Result], ...] = (
    (AirflowSkipException, Result.SKIPPED),
    (AirflowRescheduleException, Result.RESCHEDULE),
    (AirflowFailException, Result.FAILED_FOR_GOOD),
    (AirflowSensorTimeout, Result.FAILED_FOR_GOOD),
    (AirflowInactiveAssetInInletOrOutletException, Result.FAILED_FOR_GOOD),
    (BaseException, Result.FAILED),  # SystemExit too, whatever its code
)
"""What an exception makes of an attempt: the first that fits."""


@dataclass(slots=True)
class Ran:
    """One attempt after its execution, with what its callbacks will need."""

    outcome: Outcome
    task: BaseOperator | None = None
    context: dict[str, Any] = field(default_factory=dict)
    error: BaseException | None = None


@dataclass(slots=True)
class Moments:
    """When user code began and ended, and what a shared process had used before."""

    start: datetime | None = None
    end: datetime | None = None
    before: Usage = Usage()


def run_attempt(
    dag: DAG,
    attempt: Attempt,
    asked: host.Host,
    say: Callable[[FieldsRendered], None],
    before: Usage = Usage(),  # noqa: B008 a constant
    say_limit: Callable[[float], None] = lambda seconds: None,
) -> Ran:
    """Execute one attempt here and now. Raises nothing: every end is an outcome.

    `say_limit` is told the seconds of its execution_timeout when they begin to run.
    """
    moments = Moments(before=before)
    task: BaseOperator | None = None
    context: dict[str, Any] = {}
    try:
        with host.use(asked):
            task = dag.get_task(attempt.key.task_id).prepare_for_execution()
            context = task_context.build(attempt, task, dag, host=asked)
            if task.is_mapped:
                task = task.for_instance(context)
                context = task_context.build(attempt, task, dag, host=asked)
            with task_context.activate(context):
                task.resolve_template_files()
                fields = templating.render_task(task, context)
                if fields:
                    say(FieldsRendered(attempt.token, fields))
                if attempt.next_method == ENDED_BY_TRIGGER:
                    return Ran(_ended_by_trigger(attempt, context, moments), task, context)
                if task.execution_timeout is not None:
                    say_limit(task.execution_timeout.total_seconds())
                result, skips = _end(task, context, moments, attempt)
            pushed = (*xcoms.of_result(task, result), *links_of(task, attempt))
            length = mapped_output.length_of(task, attempt.key.map_index, result)
            name = templating.map_index_name(context)
            written = (
                asset_events.updates_of(task.outlets, context["outlet_events"], asked)
                if task.outlets
                else ()
            )
        outcome = _outcome(
            Result.SUCCESS,
            moments,
            xcoms=pushed,
            skips=skips,
            map_length=length,
            asset_updates=tuple(written),
        )
        return Ran(replace(outcome, rendered_map_index=name), task, context)
    except (TaskDeferred, TaskAwaitingInput) as pause:
        return _pause(pause, moments, task, context)
    except BaseException as error:
        outcome = failure(error, moments)
        if task is not None and task.retry_policy is not None:
            outcome = decided(task.retry_policy, error, outcome, attempt, context)
        with contextlib.suppress(Exception), host.use(asked):  # it must not hide the error
            outcome = replace(outcome, rendered_map_index=templating.map_index_name(context))
            if task is not None and moments.start is not None:
                outcome = replace(outcome, xcoms=links_of(task, attempt))
        return Ran(outcome, task, context, error)


def _pause(
    pause: TaskDeferred | TaskAwaitingInput,
    moments: Moments,
    task: BaseOperator | None,
    context: dict[str, Any],
) -> Ran:
    """The task gives its process up; it fails if what it waits for cannot be kept as data."""
    try:
        deferral = deferring.deferral_of(pause, task)
    except Exception as error:
        return Ran(failure(error, moments), task, context, error)
    log.info("Deferred to %s", deferral.classpath or "a person, who is to answer")
    return Ran(_outcome(Result.DEFERRED, moments, deferral=deferral), task, context)


def failure(error: BaseException, moments: Moments | None = None) -> Outcome:
    """The outcome of an attempt that raised; logs it."""
    result = next(result for kind, result in RESULTS if isinstance(error, kind))
    due = None
    if isinstance(error, AirflowRescheduleException):
        try:
            due = _moment(error.reschedule_date)
        except TypeError as mistake:
            return failure(mistake, moments)
    reason = last_line(error)
    if result in (Result.SKIPPED, Result.RESCHEDULE):
        log.info("%s", reason)
    else:
        log.error("Task failed: %s", reason, exc_info=error)
    return _outcome(result, moments or Moments(), reason=reason, reschedule_at=due)


def _moment(date: Any) -> datetime:
    """When a task asks to be called again. Raises TypeError for what names no moment."""
    if not isinstance(date, datetime) or not timezone.is_localized(date):
        raise TypeError(
            f"AirflowRescheduleException needs a datetime with a time zone, not {date!r}"
        )
    return timezone.plain_utc(date)


def _end(
    task: BaseOperator, context: dict[str, Any], moments: Moments, attempt: Attempt
) -> tuple[Any, tuple[tuple[str, int], ...]]:
    """What it returns, and whom it skips; in 3.x what it returns is lost with that."""
    try:
        return _execute(task, context, moments, attempt), ()
    except DownstreamTasksSkipped as choice:
        log.info("Skipping %s", ", ".join(task_id for task_id, _ in choice.named))
        return choice.result if profile_of(context["dag"])[0] == 2 else None, choice.named
    except DagRunTriggerException as raised:
        asked = raised
    try:
        other_runs.make(asked, context["ti"])
    finally:
        moments.end = context["ti"].end_date = datetime.now(UTC)
    return None, ()


def _ended_by_trigger(attempt: Attempt, context: dict[str, Any], moments: Moments) -> Outcome:
    """Its success; nothing of the task is called any more. Raises AirflowException for its failure."""
    moments.start = moments.end = context["ti"].start_date = datetime.now(UTC)
    said = attempt.next_kwargs
    if said["state"] != TaskState.SUCCESS:
        raise AirflowException("its trigger failed it")
    return _outcome(
        Result.SUCCESS, moments, xcoms=tuple((key, value) for key, value in said["xcoms"])
    )


def _execute(
    task: BaseOperator, context: dict[str, Any], moments: Moments, attempt: Attempt
) -> Any:
    """The order of 3.x: hooks before, execute under its time limit, hooks after. A task that had
    given its process up goes on in the method it named."""
    task_context.export_names(context)
    moments.start = context["ti"].start_date = datetime.now(UTC)
    try:
        with interruptible(task):
            if task._pre_execute_hook is not None:
                task._pre_execute_hook(context)
            task.pre_execute(context)
            for callback in task.on_execute_callback:
                callback(context)
            if attempt.next_method is None:
                result = task.execute(context)
            else:
                kwargs = serde.deserialize(attempt.next_kwargs)
                result = task.resume_execution(attempt.next_method, kwargs, context)
    finally:
        moments.end = context["ti"].end_date = datetime.now(UTC)
    if task._post_execute_hook is not None:
        task._post_execute_hook(context, result)
    if profile_of(context["dag"])[0] == 2:
        task.post_execute(context, result)
    else:
        task.post_execute(context)  # 3.x keeps the result from an overridden method
    return result


def _outcome(result: Result, moments: Moments, **more: Any) -> Outcome:
    used = Usage.now()
    return Outcome(
        result=result,
        start_date=moments.start,
        end_date=moments.end or datetime.now(UTC),
        cpu_s=used.cpu_s - moments.before.cpu_s,
        max_rss_kib=used.peak_kib_since(moments.before),
        **more,
    )

"""Run one DAG, or one task of it, in this process: the engine of `dags test`, `tasks test` and
`DAG.test()`. Needs no server and no prepared database.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from tradewind.authoring import host
from tradewind.authoring.custom_timetable import answer_question, own_of
from tradewind.authoring.dag import DAG
from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.model.attempts import Attempt, Outcome, RunFacts
from tradewind.model.changes import Change
from tradewind.model.commands import TriggerRun
from tradewind.model.errors import InvalidSchedule, NotFound
from tradewind.model.events import Event, XComPushed
from tradewind.model.intervals import DataInterval
from tradewind.model.keys import TaskKey
from tradewind.model.states import RunType
from tradewind.model.timetable_questions import TimetableQuestion
from tradewind.storage import schema
from tradewind.storage.database import Database
from tradewind.testing import alone
from tradewind.testing.answers import Answer, TestAnswers
from tradewind.testing.execution import InlineExecution, TriggerHost
from tradewind.testing.rehearsal import Rehearsal, Responses, RunResult
from tradewind.testing.skipping_clock import SkippingClock
from tradewind.testing.subject import Subject, find
from tradewind.testing.task_log import shown_on
from tradewind.testing.triggers import Triggers, triggers

__all__ = ["RunResult", "TaskResult", "run_dag", "run_task"]


def run_dag(
    source: DAG | Path,
    *,
    dag_id: str | None = None,
    logical_date: datetime | None = None,
    conf: dict[str, Any] | None = None,
    settings: Settings | None = None,
    answer: Answer | None = None,
    on_change: Callable[[Change], None] | None = None,
    sleep: Callable[[float], None] | None = None,
    mark_success: str | None = None,
    log_to: TextIO | None = None,
    responses: Responses | None = None,
) -> RunResult:
    """Make one run and take it to its end, its tasks one after the other.

    `logical_date` is now if not given. `answer` is asked for Variables and Connections that the
    environment does not have. `on_change` sees every Change when it has been committed. Retry
    delays are skipped unless `sleep` is given; the waits of sensors and deferred tasks are not. What
    a deferred task waits for runs in this process. Tasks whose id matches the pattern `mark_success`
    are not executed. What tasks log goes to `log_to` too. A task that asks a person gets the answer
    that `responses` has for it, else its defaults; if it has none, the run cannot go on.

    Raises UserError for a file that cannot be loaded or a run that cannot be made.
    """
    settings = settings or load_settings()
    clock = SkippingClock()
    database = Database.in_memory()
    try:
        schema.create_or_upgrade(database)
        answers = TestAnswers(database, answer)
        subject = find(source, dag_id, settings, answers)
        pretend = None if mark_success is None else re.compile(mark_success)
        if pretend is not None:
            subject = subject.without_start_triggers(pretend)
        execution = InlineExecution(subject.dag, answers, pretend)
        trigger = _trigger(subject, logical_date, conf, clock.now())
        with shown_on(log_to, settings.logging.logging_level), _triggers(answers) as beside:
            rehearsal = Rehearsal(
                database,
                subject.as_parsed(),
                clock=clock,
                sleep=sleep,
                on_change=on_change,
                triggers=beside,
                responses=responses or {},
            )
            return rehearsal.run(trigger, execution)
    finally:
        database.close()


@contextmanager
def _triggers(answers: Answer) -> Iterator[Triggers]:
    with host.use(TriggerHost(answers)), triggers() as beside:
        yield beside


def _trigger(
    subject: Subject, logical_date: datetime | None, conf: dict[str, Any] | None, now: datetime
) -> TriggerRun:
    moment = (logical_date or now).astimezone(UTC)
    interval = _interval(subject.dag, moment)
    return TriggerRun(
        dag_id=subject.plan.dag_id,
        run_id=f"manual__{moment.isoformat()}",
        run_after=min(moment, now),
        logical_date=moment,
        data_interval_start=interval.start if interval else moment,
        data_interval_end=interval.end if interval else moment,
        conf=conf or {},
        triggered_by="test",
    )


def _interval(dag: DAG, moment: datetime) -> DataInterval | None:
    """The data that the run covers. Raises InvalidSchedule if the author's timetable fails."""
    timetable = dag.timetable
    own = own_of(timetable)
    if own is None:
        interval: DataInterval | None = timetable.manual_interval(run_after=moment)
        return interval
    said = answer_question(own, TimetableQuestion(manual_for=moment))
    if said.error is not None:
        raise InvalidSchedule(f"the timetable of DAG {dag.dag_id}: {said.error}")
    return said.runs[0].data_interval


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What became of a single task."""

    outcome: Outcome
    xcoms: dict[str, Any]


def run_task(
    source: DAG | Path,
    task_id: str,
    *,
    dag_id: str | None = None,
    logical_date: datetime | None = None,
    map_index: int = -1,
    conf: dict[str, Any] | None = None,
    settings: Settings | None = None,
    answer: Answer | None = None,
    log_to: TextIO | None = None,
) -> TaskResult:
    """Execute one task without regard to others and without leaving a trace. If it defers, what it
    waits for runs in this process, and it goes on.

    Raises UserError for a file that cannot be loaded, NotFound for an unknown task.
    """
    settings = settings or load_settings()
    database = Database.in_memory()
    try:
        schema.create_or_upgrade(database)
        answers = TestAnswers(database, answer)
        subject = find(source, dag_id, settings, answers)
        attempt = _attempt(subject, task_id, map_index, logical_date, conf)
        plan = next(plan for plan in subject.plan.tasks if plan.task_id == task_id)
        pushed: dict[str, Any] = {}

        def say(event: Event) -> None:
            if isinstance(event, XComPushed):
                pushed[event.key] = event.value

        execution = InlineExecution(subject.dag, answers)
        with shown_on(log_to, settings.logging.logging_level), _triggers(answers) as beside:
            outcome = alone.perform(attempt, plan, lambda one: execution(one, say), beside)
        return TaskResult(outcome, pushed | dict(outcome.xcoms))
    finally:
        database.close()


def _attempt(
    subject: Subject,
    task_id: str,
    map_index: int,
    logical_date: datetime | None,
    conf: dict[str, Any] | None,
) -> Attempt:
    """The first try of the task, as if it were dispatched now."""
    plans = {plan.task_id: plan for plan in subject.plan.tasks}
    if task_id not in plans:
        raise NotFound(
            f"DAG {subject.plan.dag_id} has no task {task_id!r}: it has {', '.join(plans)}"
        )
    now = datetime.now(UTC)
    trigger = _trigger(subject, logical_date, conf, now)
    return Attempt(
        token="test",  # noqa: S106
        epoch=0,
        key=TaskKey(trigger.dag_id, trigger.run_id, task_id, map_index),
        try_number=1,
        max_tries=plans[task_id].retries,
        fileloc=str(subject.fileloc),
        code_hash="test",
        queue=plans[task_id].queue,
        executor=None,
        run=RunFacts(
            run_type=RunType.MANUAL,
            run_after=trigger.run_after or now,
            logical_date=trigger.logical_date,
            data_interval_start=trigger.data_interval_start,
            data_interval_end=trigger.data_interval_end,
            start_date=now,
            conf=trigger.conf,
            triggered_by=trigger.triggered_by,
        ),
    )

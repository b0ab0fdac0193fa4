"""The gates between a task instance and its next try, in order. The first that is shut decides.

Scheduling runs the list, `explain` prints it. A new construct is a new gate, never an `if` in
another one.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import NamedTuple

from tradewind.core.choices import left_out_by
from tradewind.core.fleet import Fleet
from tradewind.core.instances import Run
from tradewind.core.past import FINE
from tradewind.core.rules import judge, judge_scope
from tradewind.core.task_instance import Task
from tradewind.core.verdicts import PASS, Set, Verdict, Wait
from tradewind.model.states import FAILED_STATES, RunState, RunType, TaskState


class View(NamedTuple):
    """What a gate may look at."""

    task: Task
    now: datetime
    fleet: Fleet


Gate = Callable[[View], Verdict]


def run_is_running(view: View) -> Verdict:
    """Its run has a run slot."""
    run = view.task.run
    if run.ending is not None:
        return Wait("the run is being ended", wake_on="clearing it")
    if run.state is RunState.RUNNING:
        return PASS
    if run.state is not RunState.QUEUED:
        return Wait(f"the run is finished: {run.state}", wake_on="clearing it")
    if run.run_after > view.now:
        return Wait(f"the run may start from {run.run_after.isoformat()}", wake_on="that time")
    queue = run.queue
    why = queue.held or f"{queue.used} of {queue.capacity} runs are running"
    return Wait(f"the run is queued: {why}", wake_on="a run slot")


def dag_is_on(view: View) -> Verdict:
    """Its DAG is neither paused nor gone."""
    held = view.task.run.held
    return PASS if held is None else Wait(held, wake_on="the DAG being turned on")


def choice_upstream(view: View) -> Verdict:
    """No task directly upstream has chosen to go on without it."""
    chooser = left_out_by(view.task) if view.task.node.choosers else None
    if chooser is None:
        return PASS
    return Set(TaskState.SKIPPED, f"{chooser} goes on without it")


def mapped_upstream(view: View) -> Verdict:
    """What it is expanded over did not fail and was not skipped."""
    task = view.task
    if task.node.mapping is None or task.state is not TaskState.NONE:
        return PASS
    run = task.run
    sources = [run.tasks[place] for place in run.index.mappings[task.node.mapping].sources]
    states = {source.state for source in sources if source is not None}
    if states & FAILED_STATES:
        return Set(TaskState.UPSTREAM_FAILED, "what it is expanded over failed")
    if TaskState.SKIPPED in states:
        return Set(TaskState.SKIPPED, "what it is expanded over was skipped")
    return PASS


def setups(view: View) -> Verdict:
    """No setup in whose scope it stands has failed or was skipped."""
    verdict = _scope(view.task)
    return verdict if isinstance(verdict, Set) and view.task.state is TaskState.NONE else PASS


def scope(view: View) -> Verdict:
    """The setups it needs have succeeded; before a teardown, its scope has ended."""
    verdict = _scope(view.task)
    return verdict if isinstance(verdict, Wait) else PASS


def _scope(task: Task) -> Verdict:
    if task.node.scope is None:
        return PASS
    return judge_scope(task.further_counts, is_teardown=task.node.plan.is_teardown)


def trigger_rule(view: View) -> Verdict:
    """What became of the tasks directly upstream."""
    task = view.task
    verdict = judge(task.node.plan.trigger_rule, task.counts)
    if isinstance(verdict, Set) and task.state is not TaskState.NONE:
        return PASS  # what has begun is not called back by what happens upstream
    return verdict


def items_are_known(view: View) -> Verdict:
    """How many it becomes can be told."""
    task = view.task
    if task.node.mapping is None or task.key.map_index >= 0:
        return PASS
    mapping = task.run.index.mappings[task.node.mapping]
    if all(task.run.has_ended(place) for place in mapping.sources):
        return PASS
    return Wait("what it is expanded over has not ended", wake_on="its end")


def run_before(view: View) -> Verdict:
    """What it looks at in the run before has succeeded or been skipped there."""
    task = view.task
    plan, run = task.node.plan, task.run
    if not plan.depends_on_past or run.past is None or _begins_its_backfill(run):
        return PASS
    past = run.past
    if run.index.plan.catchup and plan.start_date is not None and past.date < plan.start_date:
        return PASS
    for task_id in run.index.seen_in_the_past(task.node):
        states = past.states_of(task_id)
        if bad := sorted(states - FINE):
            return _waits_for_past(f"{task_id} is {bad[0]} in the run before, {past.key.run_id}")
        if not states and task_id == plan.task_id and not plan.ignore_first_depends_on_past:
            return _waits_for_past(f"the run before, {past.key.run_id}, has no {task_id}")
    return PASS


def _begins_its_backfill(run: Run) -> bool:
    return run.run_type is RunType.BACKFILL and run.sort_ordinal == 1


def _waits_for_past(reason: str) -> Wait:
    return Wait(reason, wake_on="its end there, or its being cleared or marked")


def after_the_past(gate: Gate) -> Gate:
    """The same gate, but a task that `wait_for_past_depends_before_skipping` is only skipped when
    nothing in the run before holds it back."""

    @wraps(gate)
    def with_past(view: View) -> Verdict:
        verdict = gate(view)
        skips = isinstance(verdict, Set) and verdict.state is TaskState.SKIPPED
        if not skips or not view.task.node.plan.wait_for_past_depends_before_skipping:
            return verdict
        past = run_before(view)
        return verdict if past is PASS else past

    return with_past


def retry_time(view: View) -> Verdict:
    """The delay after a failed try is over."""
    return _due(view, TaskState.UP_FOR_RETRY, "retry")


def reschedule_time(view: View) -> Verdict:
    """The time has come that the task itself asked for."""
    return _due(view, TaskState.UP_FOR_RESCHEDULE, "it asked to be called")


def _due(view: View, state: TaskState, what: str) -> Verdict:
    task = view.task
    if task.state is not state or task.due_at is None or task.due_at <= view.now:
        return PASS
    return Wait(f"{what} at {task.due_at.isoformat()}", wake_on="that time")


def slots(view: View) -> Verdict:
    """Every limit it comes under has room."""
    blocker = view.fleet.slots.lane_of(view.task).blocker()
    if blocker is None:
        return PASS
    limit, _ = blocker
    return Wait(limit.describe(), wake_on=f"a slot of {limit.name}")


READINESS: tuple[Gate, ...] = (
    run_is_running,
    dag_is_on,
    after_the_past(choice_upstream),
    after_the_past(mapped_upstream),
    after_the_past(setups),
    after_the_past(trigger_rule),
    after_the_past(scope),
    run_before,
    items_are_known,
    retry_time,
    reschedule_time,
)
"""Past these a task instance is scheduled."""

GATES: tuple[Gate, ...] = (*READINESS, slots)
"""Past these it is queued."""


def judge_readiness(view: View) -> Verdict:
    """What the first shut gate says, or Pass."""
    for gate in READINESS:
        verdict = gate(view)
        if verdict is not PASS:
            return verdict
    return PASS

"""Task instances that may be able to go on: asks the gates, schedules, and hands out slots."""

from tradewind.core import choices
from tradewind.core.endings import stop_after_failure
from tradewind.core.expansion import expands
from tradewind.core.fleet import NOT_UNDER_WAY
from tradewind.core.gates import View, judge_readiness
from tradewind.core.task_instance import Task
from tradewind.core.turn import Turn
from tradewind.core.verdicts import Pass, Set, Wait
from tradewind.core.waiting import begin_in_trigger
from tradewind.model.attempts import ORDER_LASTS, Attempt
from tradewind.model.changes import Dispatch
from tradewind.model.states import TaskState

AT_ONCE = 50
"""Task instances of one run that are looked at before it is the next run's turn."""


def look_at_tasks(turn: Turn) -> None:
    """Let the gates judge every task instance that something has changed for, run by run."""
    fleet = turn.fleet
    while fleet.unchecked and turn.has_room:
        run = fleet.unchecked.popleft()
        for _ in range(min(AT_ONCE, len(run.unchecked))):
            _look_at(turn, run.unchecked.popleft())
        if run.unchecked:
            fleet.unchecked.append(run)
        else:
            fleet.touched.add(run)


def _look_at(turn: Turn, task: Task) -> None:
    if task.state not in NOT_UNDER_WAY:
        return
    turn.spend()
    match judge_readiness(View(task, turn.now, turn.fleet)):
        case Set(state, reason):
            turn.move(task, state, reason)
        case Pass():
            if not expands(turn, task):
                _schedule(turn, task)
        case Wait() if task.due_at is not None and task.due_at > turn.now:
            turn.fleet.wake_at(task.due_at, task.key)  # again, for a clock may be put back


def _schedule(turn: Turn, task: Task) -> None:
    if not task.node.plan.runs:
        now = turn.now
        reason = "there is nothing to execute"
        turn.move(task, TaskState.SUCCESS, reason, start_date=now, end_date=now)
    elif task.node.plan.start_trigger is not None:
        if task.state is TaskState.UP_FOR_RETRY:
            turn.archive(task)
        if task.state is not TaskState.UP_FOR_RESCHEDULE:
            choices.forget(task)
        begin_in_trigger(turn, task)
    elif task.state is TaskState.UP_FOR_RESCHEDULE:
        reason = "the time it asked for has come"
        facts = {"scheduled_at": turn.now, "end_date": None, "due_at": None}
        turn.move(task, TaskState.SCHEDULED, reason, **facts)
        wait_for_slots(turn, task)
    else:
        _begin_try(turn, task)
        wait_for_slots(turn, task)


def _begin_try(turn: Turn, task: Task) -> None:
    reason = "every gate passed"
    if task.state is TaskState.UP_FOR_RETRY:
        reason = "its retry delay has passed"
        turn.archive(task)
    turn.move(
        task,
        TaskState.SCHEDULED,
        reason,
        try_number=task.try_number + 1,
        scheduled_at=turn.now,
        **NO_TRY_YET,
    )


NO_TRY_YET = {
    "queued_at": None,
    "start_date": None,
    "end_date": None,
    "due_at": None,
    "reschedules": 0,
    "hostname": None,
    "pid": None,
    "cpu_s": None,
    "max_rss_kib": None,
    "exit_reason": None,
    "map_length": None,
    "rendered_map_index": None,
}
"""The facts of a row whose next try has not begun."""


def wait_for_slots(turn: Turn, task: Task) -> None:
    """Let a scheduled task instance wait for a slot of every limit."""
    fleet = turn.fleet
    if fails_for_executor(turn, task):
        return
    fleet.turnstile.join(fleet.slots.lane_of(task), task.order, task)


def fails_for_executor(turn: Turn, task: Task) -> bool:
    """End a scheduled task instance that names an executor nobody runs; whether it did."""
    why = turn.fleet.slots.why_no_executor(task.node.plan.executor)
    if why is None:
        return False
    turn.move(task, TaskState.FAILED, why, end_date=turn.now, exit_reason=why)
    stop_after_failure(turn, task.run, f"fail_fast: {task.key.task_id} failed")
    return True


def hand_out_slots(turn: Turn) -> None:
    """Queue the best waiting task instances, as many as every limit has room for."""
    turnstile = turn.fleet.turnstile
    while turn.has_room and (chosen := turnstile.next_to_go()) is not None:
        lane, task = chosen
        if task.run.ending is not None:
            continue
        turnstile.take(lane)
        _queue(turn, task)


def _queue(turn: Turn, task: Task) -> None:
    run = task.run
    token = turn.fleet.new_token()
    turn.fleet.attempts[token] = task
    turn.move(
        task,
        TaskState.QUEUED,
        "a slot of every limit is free",
        token=token,
        code_hash=run.dag.code_hash,
        queued_at=turn.now,
    )
    plan, waiting = task.node.plan, task.waiting
    turn.emit(
        Dispatch(
            Attempt(
                token=token,
                epoch=turn.fleet.epoch,
                key=task.key,
                try_number=task.try_number,
                max_tries=task.max_tries,
                fileloc=run.dag.fileloc,
                code_hash=run.dag.code_hash,
                queue=plan.queue,
                executor=plan.executor,
                run=run.facts(),
                run_as_user=plan.run_as_user,
                reschedules=task.reschedules,
                began_at=task.start_date,
                expires_at=turn.now + ORDER_LASTS,
                next_method=None if waiting is None else waiting.method,
                next_kwargs={} if waiting is None else waiting.method_kwargs,
            )
        )
    )

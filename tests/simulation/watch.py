"""Looks over the shoulder of `decide`: every change is judged by the oracle at the moment it is made."""

from datetime import datetime, timedelta

from tests.simulation import oracle
from tests.simulation.mirror import Mirror
from tests.simulation.violation import require
from tradewind.model import changes as c
from tradewind.model.attempts import Outcome, Result
from tradewind.model.commands import (
    ClearTasks,
    Command,
    MarkTask,
    PatchBackfill,
    PatchRun,
    TriggerRun,
    TriggerSaid,
)
from tradewind.model.deferral import Word
from tradewind.model.events import (
    AttemptEnded,
    CommandGiven,
    DagLoaded,
    Event,
    PoolsChanged,
    SlotsChanged,
    Tick,
)
from tradewind.model.keys import RunKey, TaskKey
from tradewind.model.plan import TaskPlan
from tradewind.model.snapshots import RunSnapshot, TaskSnapshot
from tradewind.model.states import RunState, RunType, TaskState

S = TaskState
ENDING = {
    S.SUCCESS: {Result.SUCCESS},
    S.SKIPPED: {Result.SKIPPED},
    S.UP_FOR_RESCHEDULE: {Result.RESCHEDULE},
    S.DEFERRED: {Result.DEFERRED},
    S.AWAITING_INPUT: {Result.DEFERRED},
    S.FAILED: {Result.FAILED, Result.FAILED_FOR_GOOD, Result.LOST, Result.NOT_STARTED},
    S.UP_FOR_RETRY: {Result.FAILED, Result.LOST, Result.NOT_STARTED},
}
BY_HAND = (ClearTasks, MarkTask, PatchRun)


def decided(
    mirror: Mirror, stored: Mirror, event: Event, now: datetime, changes: list[c.Change]
) -> None:
    """Judge what was decided on one event, and bring `mirror` to where the fleet is now; `stored`
    is what the database holds."""
    _learn(mirror, event)
    mirror.latest = max(mirror.latest, now)
    if mirror.is_doomed:
        return
    _check_command(mirror, stored.runs, event, changes)
    if mirror.is_doomed:
        return
    for change in changes:
        match change:
            case c.TaskChanged():
                _check_task(mirror, event, now, change)
            case c.TaskExpanded(key, length):
                row = mirror.tasks[key]
                fate = oracle.fate(mirror, row, now)
                known = oracle.length_of(mirror, row)
                right = fate is S.REMOVED and known == length
                require(right, "a task becomes as many as there are items", f"{change}: {known}")
            case c.RunCreated():
                _check_new_run(mirror, change)
            case c.RunChanged():
                _check_run(mirror, event, now, change)
            case c.XComWritten(key, _, value):
                token = mirror.tasks[key].token
                require(
                    value["by"] == token,
                    "no effect with a stale token",
                    f"XCom of {key} by {value['by']}, which is at {token}",
                )
            case c.ScheduleMoved(dag_id, last) if last is not None:
                _check_schedule(mirror, dag_id, last.data_interval, last.run_after)
        if not isinstance(change, c.Order):
            reason = getattr(change, "reason", "-")
            answered = isinstance(change, c.CommandAnswered)
            require(reason or answered, "every event has a cause", repr(change))
            mirror.apply(change)
    _check_nothing_left(mirror, now)
    _forget_who_has_room(mirror)


def at_rest(mirror: Mirror, now: datetime, timeout_s: float) -> None:
    """The scheduler is about to sleep: nothing may be left to do before it wakes."""
    _check_nothing_left(mirror, now)
    wakes = now + timedelta(seconds=timeout_s)
    for due, what in (*oracle.dues(mirror), *oracle.due_schedules(mirror, now)):
        late = wakes - max(due, now)
        require(
            late <= timedelta(seconds=0.01),
            "it does not sleep while something is due",
            f"{what} at {due}, it is {now}, sleeping until {wakes}",
        )


def _learn(mirror: Mirror, event: Event) -> None:
    match event:
        case DagLoaded(dag):
            mirror.learn(dag)
        case PoolsChanged(pools):
            sizes = dict.fromkeys(mirror.pools, 0)
            mirror.overtaken.clear()
            mirror.pools = sizes | {pool.name: pool.slots for pool in pools}
        case SlotsChanged(_, slots):
            mirror.slots = slots


# --- task instances -----------------------------------------------------------------------------


def _check_task(mirror: Mirror, event: Event, now: datetime, change: c.TaskChanged) -> None:
    old, new = mirror.tasks[change.task.key], change.task
    by_hand = isinstance(event, CommandGiven) and isinstance(event.command, BY_HAND)
    told = f"{new.key} {old.state} {old.try_number} -> {new.state} {new.try_number}"
    told += f" ({change.reason}) on {type(event).__name__}"
    is_gone = oracle.is_gone(mirror, new.key)
    if change.reason == "its task is no longer in the DAG":
        require(is_gone and new.state is S.REMOVED, "only what is gone is removed", told)
        mirror.overtaken.pop(old.key, None)
        return
    comes_back = change.reason == "its task is in the DAG again"
    if old.state in oracle.ENDED and not (by_hand or _reprocesses(event, change)):
        fits = comes_back and old.state is S.REMOVED and not is_gone
        require(fits, "terminal states are final unless cleared", told)
    _check_try_number(old, change, told)
    if new.state in oracle.ENDED and new.token is not None:
        require(False, "an ended task holds no token", told)
    plan = mirror.task_plan(new.key)
    if old.state is S.SCHEDULED:
        mirror.overtaken.pop(old.key, None)
    if new.state is S.QUEUED:
        _check_slots(mirror, old, told)
        _check_patience(mirror, old, told)
    elif new.state is S.RUNNING:
        require(new.token == old.token and new.token, "one live owner per try", told)
        if old.start_date is None or old.reschedules:
            goes_on = new.key in mirror.waiting  # with what it pushed before the wait
            stale = [key for key, _ in mirror.xcoms if key == new.key and not goes_on]
            require(not stale, "XComs are those of the try", f"{told}: {stale}")
    elif old.state in oracle.WAITING and new.state is not S.NONE:
        if not (by_hand or _ends_its_run(change)):
            expected = oracle.fate(mirror, old, now)
            require(new.state is expected, "trigger rules", f"{told}, expected {expected}")
    elif old.state in oracle.WITHOUT_PROCESS:
        if not (by_hand or _ends_its_run(change)):
            word = _word_for(mirror, event, old)
            expected = oracle.after_wait(mirror, old, now, word)
            require(new.state is expected, "how a wait ends", f"{told}, expected {expected}")
    elif old.state is S.RUNNING and isinstance(event, AttemptEnded):
        if old.token == event.token:
            _check_end(plan, old, new, event.outcome, told)
        else:
            by_other = not _ends_its_run(change)
            require(not by_other, "no effect with a stale token", f"{told} by {event.token}")


def _word_for(mirror: Mirror, event: Event, task: TaskSnapshot) -> Word | None:
    """What is said at this event to a task instance that waits."""
    command = event.command if isinstance(event, CommandGiven) else None
    waiting = mirror.waiting.get(task.key)
    if waiting is None or not isinstance(command, TriggerSaid):
        return None
    return command.word if command.trigger == waiting.trigger else None


def _reprocesses(event: Event, change: c.TaskChanged) -> bool:
    return isinstance(event, Tick) and change.reason.endswith("runs it again")


def _ends_its_run(change: c.TaskChanged) -> bool:
    """Whether a task instance was ended from above: a timeout, a mark, another's failure."""
    return change.reason.startswith(("timed_out", "fail_fast", "its run was"))


def _check_try_number(old: TaskSnapshot, change: c.TaskChanged, told: str) -> None:
    new = change.task
    step = new.try_number - old.try_number
    begins = new.state is S.SCHEDULED and old.state in (S.NONE, S.UP_FOR_RETRY)
    never_queued = old.state is S.SCHEDULED and old.queued_at is None and new.state is S.NONE
    never_begun = old.state is S.RESTARTING and old.start_date is None and new.state is S.NONE
    if never_begun and change.reason == "cleared before its process started":
        expected = -1
    else:
        expected = 1 if begins else -1 if never_queued else 0
    require(step == expected, "try number +1 per real start", told)
    if begins and old.state is S.UP_FOR_RETRY:
        require(old.try_number <= old.max_tries, "no more tries than allowed", told)


def _check_slots(mirror: Mirror, old: TaskSnapshot, told: str) -> None:
    full = oracle.full_limits(mirror, old)
    require(not full, "limits are never exceeded", f"{told}: {full}")
    better = oracle.goes_before(mirror, old)
    names = [other.key for other in better]
    require(not better, "the best goes first", f"{told}, but {names} come before")


def _check_patience(mirror: Mirror, chosen: TaskSnapshot, told: str) -> None:
    """Whoever needs several slots of a pool is overtaken for about as many as the pool has."""
    plan = mirror.task_plan(chosen.key)
    most = 2 * mirror.pools.get(plan.pool, 0)
    for other in oracle.passed_over(mirror, chosen):
        count = mirror.overtaken.get(other.key, 0) + plan.pool_slots
        mirror.overtaken[other.key] = count
        require(count <= most, "nobody starves", f"{told}: {other.key} was passed {count} times")


def _forget_who_has_room(mirror: Mirror) -> None:
    for key in list(mirror.overtaken):
        pool = mirror.task_plan(key).pool
        if f"pool {pool}" not in oracle.full_limits(mirror, mirror.tasks[key]):
            del mirror.overtaken[key]


def _check_end(
    plan: TaskPlan, old: TaskSnapshot, new: TaskSnapshot, outcome: Outcome, told: str
) -> None:
    told += f", outcome {outcome.result} {outcome.reason}"
    require(outcome.result in ENDING.get(new.state, ()), "an end leads to its state", told)
    if new.state is S.FAILED and outcome.result is not Result.FAILED_FOR_GOOD:
        require(old.try_number > old.max_tries, "a failed try is retried", told)
    if new.state is S.UP_FOR_RETRY:
        require(old.try_number <= old.max_tries, "no more tries than allowed", told)
        require(new.due_at is not None, "retry delay", told)
        assert new.due_at is not None
        waits = (new.due_at - outcome.end_date).total_seconds()
        least, most = _delays(plan, old.try_number, outcome.result)
        require(least <= waits <= most, "retry delay", f"{told}: {waits} s not {least}..{most}")
    if new.state is S.UP_FOR_RESCHEDULE:
        require(new.due_at == outcome.reschedule_at, "reschedule time", told)
    calls = old.reschedules + (outcome.result is Result.RESCHEDULE)
    require(new.reschedules == calls, "reschedules are counted", f"{told}: {new.reschedules}")


def _delays(plan: TaskPlan, try_number: int, result: Result) -> tuple[float, float]:
    """The least and the most seconds between a failed try and the next."""
    if result in (Result.LOST, Result.NOT_STARTED):
        return 0.0, 0.0
    if plan.retry_backoff in (0, 1):
        return plan.retry_delay_s, plan.retry_delay_s
    base = plan.retry_delay_s * plan.retry_backoff ** (try_number - 1)
    cap = plan.max_retry_delay_s or 86_400.0
    return min(base, cap), min(2 * base + 2, cap)


# --- runs ---------------------------------------------------------------------------------------


def _check_new_run(mirror: Mirror, change: c.RunCreated) -> None:
    new = change.run
    for run in mirror.runs.values():
        if run.key.dag_id != new.key.dag_id:
            continue
        of_one = new.backfill_id is not None and new.backfill_id == run.backfill_id
        require(
            not of_one or new.sort_ordinal != run.sort_ordinal,
            "the runs of a backfill have an order",
            f"{new.key} and {run.key}: {new.sort_ordinal}",
        )
        same_date = new.logical_date is not None and run.logical_date == new.logical_date
        require(not same_date, "one run per DAG and window", f"{new.key} and {run.key}")
        both = {run.run_type, new.run_type} <= {RunType.SCHEDULED, RunType.BACKFILL}
        window = (new.data_interval_start, new.data_interval_end)
        if both and window == (run.data_interval_start, run.data_interval_end):
            require(window == (None, None), "one run per DAG and window", f"{new.key}, {run.key}")


def _check_run(mirror: Mirror, event: Event, now: datetime, change: c.RunChanged) -> None:
    old, new = mirror.runs[change.run.key], change.run
    told = f"{new.key} {old.state} -> {new.state} ({change.reason}) on {type(event).__name__}"
    by_hand = isinstance(event, CommandGiven) and isinstance(
        event.command, (*BY_HAND, PatchBackfill)
    )
    over = (RunState.SUCCESS, RunState.FAILED)
    if old.state in over and new.state is not old.state:
        allowed = by_hand or change.reason.endswith("runs it again")
        require(allowed, "terminal states are final unless cleared", told)
    if old.state is RunState.QUEUED and new.state is RunState.RUNNING:
        require(
            new.run_after <= mirror.latest, "a run starts when it may", f"{told}: {new.run_after}"
        )
        require(not oracle.run_is_held(mirror, old), "a paused DAG starts nothing", told)
        require(not oracle.has_no_run_slot(mirror, old), "max_active_runs", told)
    if old.state is RunState.RUNNING and new.state in over and not by_hand:
        if change.reason == "timed_out":
            return
        states = [task.state for task in mirror.tasks_of(new.key)]
        done = all(state in oracle.ENDED for state in states)
        if change.reason == "all_tasks_deadlocked":
            waits = all(state in oracle.ENDED or state is S.NONE for state in states)
            require(not done and waits, "a run ends when all has", told)
            stuck = [oracle.fate(mirror, task, now) for task in mirror.tasks_of(new.key)]
            require(not any(stuck), "a run ends when all has", f"{told}: {stuck}")
            later = any(
                task.state is S.NONE and mirror.task_plan(task.key).depends_on_past
                for task in mirror.tasks_of(new.key)
            )
            require(not later, "who waits for the past is no deadlock", told)
            return
        require(done, "a run ends when all has", f"{told}: {states}")
        expected = oracle.result_of(mirror, old)
        require(new.state is expected, "leaves decide how a run ends", f"{told}: {states}")


def _check_schedule(mirror: Mirror, dag_id: str, interval: object, run_after: datetime) -> None:
    before = mirror.last_of.get(dag_id)
    if interval is None:
        return
    if before is None:
        _check_first_windows(mirror, dag_id, interval.start)  # type: ignore[attr-defined]
        return
    start, end = interval.start, interval.end  # type: ignore[attr-defined]
    if (start, end) == before:
        return
    told = f"{dag_id}: {start}..{end} after {before[0]}..{before[1]}"
    require(end > before[1] or start >= before[1], "windows go forward", told)
    plan = mirror.dags[dag_id].plan
    versions = {
        run.version
        for run in mirror.runs.values()
        if run.key.dag_id == dag_id
        and run.run_type is RunType.SCHEDULED
        and (run.data_interval_start, run.data_interval_end) == before
    }
    if versions != {mirror.dags[dag_id].version}:
        return  # made by another schedule, perhaps
    if plan.catchup and plan.schedule.kind in ("delta_data_interval", "cron_data_interval"):
        windows = {
            run.data_interval_start: run.data_interval_end
            for run in mirror.runs.values()
            if run.key.dag_id == dag_id and run.run_type is not RunType.MANUAL
        }
        taken = {run.logical_date for run in mirror.runs.values() if run.key.dag_id == dag_id}
        cursor = before[1]
        while cursor < start and cursor in windows:
            cursor = windows[cursor] or start
        require(cursor == start or cursor in taken, "no window is left out", f"{told}: {cursor}")


def _check_first_windows(mirror: Mirror, dag_id: str, start: datetime) -> None:
    """A schedule that catches up begins at the start date."""
    plan = mirror.dags[dag_id].plan
    if plan.start_date is None or not plan.catchup or plan.schedule.kind != "delta_data_interval":
        return
    dates = {run.logical_date for run in mirror.runs.values() if run.key.dag_id == dag_id}
    window = plan.start_date
    while window < start:
        require(window in dates, "no window is left out", f"{dag_id}: none at {window}")
        window += timedelta(seconds=plan.schedule.args["delta"])


# --- commands -----------------------------------------------------------------------------------


def _check_command(
    mirror: Mirror, stored: dict[RunKey, RunSnapshot], event: Event, changes: list[c.Change]
) -> None:
    if not isinstance(event, CommandGiven):
        return
    answers = [change for change in changes if isinstance(change, c.CommandAnswered)]
    one = len(answers) == 1 and answers[0].command_id == event.command_id
    require(one, "a command is answered once", f"{event} {answers}")
    answer, command = answers[0], event.command
    if not answer.applied:
        changed = [x for x in changes if _belongs(command, x)]
        require(not changed, "a refused command has no effect", f"{command} {changed}")
    if isinstance(command, TriggerRun):
        made = [x.run.key for x in changes if isinstance(x, c.RunCreated)]
        dag = mirror.dags.get(command.dag_id)
        taken = any(_clash(run, command) for run in mirror.runs.values())
        unknown = dag is None or dag.is_stale
        expected = not (taken or unknown)
        if answer.applied and taken and not any(_clash(run, command) for run in stored.values()):
            mirror.is_doomed = True
            return
        require(answer.applied is expected, "a trigger makes one run", f"{command} {answer}")
        mine = [key for key in made if key == (command.dag_id, command.run_id)]
        require(len(mine) == int(expected), "a trigger makes one run", f"{command} {made}")
        if not expected:
            status = 404 if unknown else 409
            require(answer.status == status, "a refusal says why", f"{command} {answer}")


def _clash(run: RunSnapshot, command: TriggerRun) -> bool:
    """Whether a run stands where a command wants one."""
    date = command.logical_date
    same_date = date is not None and run.logical_date == date
    same_name = run.key.run_id == command.run_id
    return run.key.dag_id == command.dag_id and (same_name or same_date)


def _belongs(command: Command, change: c.Change) -> bool:
    """Whether a change can only come from a command, not from what was due at the time."""
    return isinstance(change, c.TaskChanged | c.RunChanged) and change.reason in (
        "cleared by a user",
        "marked by a user",
        "note",
    )


# --- what must not be left ----------------------------------------------------------------------


def _check_nothing_left(mirror: Mirror, now: datetime) -> None:
    scheduled: list[TaskKey] = []
    for key, run in mirror.runs.items():
        if run.state is not RunState.RUNNING:
            continue
        for task in mirror.tasks_of(key):
            if task.state in oracle.WAITING:
                fate = oracle.fate(mirror, task, now)
                require(
                    fate is None, "what can go on goes on", f"{task.key} {task.state}: {fate} now"
                )
    for task in mirror.tasks.values():
        if (
            task.state is S.SCHEDULED
            and not oracle.full_limits(mirror, task)
            and not oracle.may_be_kept_back(mirror, task)
        ):
            scheduled.append(task.key)
    require(not scheduled, "no slot stays free while somebody waits", f"{scheduled}")
    startable = [run.key for run in oracle.startable_runs(mirror, now)]
    require(not startable, "no run slot stays free while a run waits", f"{startable}")
    for run in mirror.runs.values():
        why = oracle.lags_behind(mirror, run)
        require(why is None, "unfinished runs have the newest version", f"{run.key}: {why}")
    finishable = [run.key for run in oracle.finishable_runs(mirror)]
    require(not finishable, "a run in which all has ended ends", f"{finishable}")

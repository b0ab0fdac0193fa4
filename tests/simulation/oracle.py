"""What ought to be, worked out slowly and plainly from the rows, without a line of `core`.

Nothing here counts, caches or is told what has changed: each answer is a scan of all there is.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.simulation.mirror import Mirror
from tradewind.model.constructs import Expansion, Source
from tradewind.model.deferral import Word
from tradewind.model.keys import TaskKey
from tradewind.model.plan import Plan, TriggerRule
from tradewind.model.snapshots import RunSnapshot, TaskSnapshot
from tradewind.model.states import RunState, RunType, TaskState

ENDED = (
    TaskState.SUCCESS,
    TaskState.FAILED,
    TaskState.SKIPPED,
    TaskState.UPSTREAM_FAILED,
    TaskState.REMOVED,
)
BROKEN = (TaskState.FAILED, TaskState.UPSTREAM_FAILED)
HOLDING = (TaskState.QUEUED, TaskState.RUNNING, TaskState.RESTARTING)
WAITING = (TaskState.NONE, TaskState.UP_FOR_RETRY, TaskState.UP_FOR_RESCHEDULE)
WITHOUT_PROCESS = (TaskState.DEFERRED, TaskState.AWAITING_INPUT)
RUN, WAIT = "run", "wait"


def is_gone(mirror: Mirror, key: TaskKey) -> bool:
    """Whether the newest version of its DAG does not have a task."""
    return key.task_id not in {task.task_id for task in mirror.dags[key.dag_id].plan.tasks}


def lags_behind(mirror: Mirror, run: RunSnapshot) -> str | None:
    """In which respect an unfinished run is not as the newest version of its DAG has it."""
    dag = mirror.dags.get(run.key.dag_id)
    if dag is None or dag.is_stale or run.state in (RunState.SUCCESS, RunState.FAILED):
        return None
    rows = mirror.tasks_of(run.key)
    if run.version != dag.version:
        was, now = _mapped(mirror.plan_of(run)), _mapped(dag.plan)
        for row in rows:
            begun = row.state is not TaskState.NONE or row.key.map_index >= 0
            name = row.key.task_id
            if begun and not is_gone(mirror, row.key) and (name in was) != (name in now):
                return None  # it keeps its version
        return f"it has version {run.version} of {dag.version}"
    for row in rows:
        if is_gone(mirror, row.key) and row.state is not TaskState.REMOVED:
            return f"{row.key} is gone and {row.state}"
    missing = {task.task_id for task in dag.plan.tasks} - {row.key.task_id for row in rows}
    return f"it lacks {sorted(missing)}" if missing else None


def _mapped(plan: Plan) -> set[str]:
    """The tasks that become many, by themselves or with their group."""
    groups = {group.group_id: group for group in plan.groups}
    found = set()
    for task in plan.tasks:
        around = groups.get(task.group_id or "")
        is_mapped = task.expansion is not None
        while around is not None:
            is_mapped = is_mapped or around.expansion is not None
            around = groups.get(around.parent_id or "")
        if is_mapped:
            found.add(task.task_id)
    return found


def verdict(rule: TriggerRule, upstream: Sequence[TaskState]) -> str | TaskState:
    """RUN, WAIT, or the state that a trigger rule gives a task whose upstream is in these states."""
    if not upstream or rule is TriggerRule.ALWAYS:
        return RUN
    done = all(state in ENDED for state in upstream)
    some = {state for state in upstream if state in ENDED}
    all_skipped = all(state is TaskState.SKIPPED for state in upstream)
    succeeded = TaskState.SUCCESS in some
    broken = any(state in BROKEN for state in some)
    skipped = TaskState.SKIPPED in some
    run_if_done = RUN if done else WAIT
    match rule:
        case TriggerRule.ALL_SUCCESS:
            if broken:
                return TaskState.UPSTREAM_FAILED
            return TaskState.SKIPPED if skipped else run_if_done
        case TriggerRule.ALL_FAILED:
            return TaskState.SKIPPED if succeeded or skipped else run_if_done
        case TriggerRule.ALL_DONE | TriggerRule.ALL_DONE_SETUP_SUCCESS:
            return run_if_done
        case TriggerRule.ALL_DONE_MIN_ONE_SUCCESS:
            if skipped:
                return TaskState.SKIPPED
            if done and not succeeded:
                return TaskState.UPSTREAM_FAILED
            return run_if_done
        case TriggerRule.ONE_SUCCESS:
            if succeeded:
                return RUN
            if all_skipped:
                return TaskState.SKIPPED
            return TaskState.UPSTREAM_FAILED if done else WAIT
        case TriggerRule.ONE_FAILED:
            if broken:
                return RUN
            return TaskState.SKIPPED if done else WAIT
        case TriggerRule.ONE_DONE:
            if succeeded or TaskState.FAILED in some:
                return RUN
            return TaskState.SKIPPED if done else WAIT
        case TriggerRule.NONE_FAILED:
            return TaskState.UPSTREAM_FAILED if broken else run_if_done
        case TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS:
            if broken:
                return TaskState.UPSTREAM_FAILED
            if all_skipped:
                return TaskState.SKIPPED
            if done and not succeeded:
                return TaskState.UPSTREAM_FAILED
            return run_if_done
        case TriggerRule.NONE_SKIPPED:
            return TaskState.SKIPPED if skipped else run_if_done
        case TriggerRule.ALL_SKIPPED:
            if succeeded or broken:
                return TaskState.SKIPPED
            return RUN if all_skipped else WAIT
    raise AssertionError(rule)


def held(mirror: Mirror, run: RunSnapshot) -> bool:
    """Whether nothing new of a run may start."""
    dag = mirror.dags[run.key.dag_id]
    backfill = mirror.unfinished_backfill(run)
    if backfill is not None and backfill.ignore_dag_pause and not dag.is_stale:
        return False
    return dag.is_paused or dag.is_stale


def fate(mirror: Mirror, task: TaskSnapshot, now: datetime) -> TaskState | None:
    """The state a waiting task instance ought to get at once, None if it has to wait."""
    run = mirror.runs[task.key.run]
    if task.state not in WAITING or run.state is not RunState.RUNNING or held(mirror, run):
        return None
    answer = judged(mirror, task)
    if answer == WAIT:
        return None
    if answer == RUN and bad_in_the_past(mirror, task) is not None:
        return None
    if answer == RUN and (grown := expanded(mirror, task)) is not RUN:
        return grown
    if isinstance(answer, TaskState) and task.state is TaskState.NONE:
        return answer
    if task.state is not TaskState.NONE and task.due_at is not None and task.due_at > now:
        return None
    return TaskState.SCHEDULED if mirror.task_plan(task.key).runs else TaskState.SUCCESS


def after_wait(
    mirror: Mirror, task: TaskSnapshot, now: datetime, word: Word | None
) -> TaskState | None:
    """The state that the end of a wait leads to: by a word that is said now, because the moment has
    come, or because it is too late; None while it must wait on."""
    waiting = mirror.waiting[task.key]
    over = [at for at in (waiting.at, waiting.timeout_at) if at is not None and at <= now]
    if word is None and not over:
        return None
    if word is None and min(over) == waiting.at:
        word = waiting.word
    end = None if word is None else word.end
    if end is None:
        return TaskState.SCHEDULED
    has_try_left = task.try_number <= task.max_tries
    return TaskState.UP_FOR_RETRY if end is TaskState.FAILED and has_try_left else end


def bad_in_the_past(mirror: Mirror, task: TaskSnapshot) -> TaskKey | None:
    """The task instance of the run before that keeps this one from going on."""
    plan, run = mirror.task_plan(task.key), mirror.runs[task.key.run]
    if not plan.depends_on_past or run.logical_date is None:
        return None
    if run.run_type is RunType.BACKFILL and run.sort_ordinal == 1:
        return None
    catchup = mirror.plan_of(run).catchup
    earlier = [
        (other.logical_date, other.key)
        for other in mirror.runs.values()
        if other.key.dag_id == run.key.dag_id
        and other.logical_date is not None
        and other.logical_date < run.logical_date
        and not (catchup and other.run_type is RunType.MANUAL)
    ]
    if not earlier:
        return None
    date, before = max(earlier)
    if catchup and plan.start_date is not None and date < plan.start_date:
        return None
    after = [
        one.task_id
        for one in mirror.plan_of(run).tasks
        if plan.wait_for_downstream and plan.task_id in one.upstream
    ]
    for task_id in (plan.task_id, *after):
        keys = [key for key in mirror.of_run[before] if key.task_id == task_id]
        if not keys and task_id == plan.task_id and not plan.ignore_first_depends_on_past:
            return TaskKey(*before, task_id)
        for key in keys:
            if mirror.tasks[key].state not in (TaskState.SUCCESS, TaskState.SKIPPED):
                return key
    return None


def judged(mirror: Mirror, task: TaskSnapshot) -> str | TaskState:
    """What is said of a task instance by what it is expanded over, and by its trigger rule."""
    plan = mirror.task_plan(task.key)
    expansion, _ = mapping_of(mirror, task.key)
    if expansion is not None and task.state is TaskState.NONE:
        single = {
            row.state
            for name in sources_of(expansion)
            for row in rows_of(mirror, task, name)
            if row.key.map_index < 0
        }
        if single & set(BROKEN):
            return TaskState.UPSTREAM_FAILED
        if TaskState.SKIPPED in single:
            return TaskState.SKIPPED
    upstream = [
        row.state
        for name in plan.upstream
        for row in rows_of(mirror, task, name)
        if _concerns(mirror, task, row)
    ]
    return verdict(plan.trigger_rule, upstream)


HASTY = (
    TriggerRule.ONE_SUCCESS,
    TriggerRule.ONE_FAILED,
    TriggerRule.ONE_DONE,
    TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
)


def _concerns(mirror: Mirror, task: TaskSnapshot, upstream: TaskSnapshot) -> bool:
    """Whether a task instance waits for one of a task directly upstream: within a mapped group only
    for that of its own map index, or for one that stands for all."""
    if upstream.key.map_index < 0:
        return True
    group = mapping_of(mirror, task.key)[1]
    if group is None or mapping_of(mirror, upstream.key)[1] != group:
        return True
    if task.key.map_index < 0:
        return mirror.task_plan(task.key).trigger_rule in HASTY
    return task.key.map_index == upstream.key.map_index


def may_concern(key: TaskKey, upstream: TaskKey) -> bool:
    """Whether a task instance surely waits for one upstream, whatever groups they are in."""
    return key.map_index < 0 or upstream.map_index in (-1, key.map_index)


def rows_of(mirror: Mirror, task: TaskSnapshot, name: str) -> list[TaskSnapshot]:
    """The task instances of another task in the same run."""
    return [row for row in mirror.tasks_of(task.key.run) if row.key.task_id == name]


def mapping_of(mirror: Mirror, key: TaskKey) -> tuple[Expansion | None, str | None]:
    """What a task is expanded over, and the mapped group it is in, if that is why."""
    plan = mirror.task_plan(key)
    if plan.expansion is not None:
        return plan.expansion, None
    groups = {group.group_id: group for group in mirror.plan_of(mirror.runs[key.run]).groups}
    group = groups.get(plan.group_id or "")
    return (None, None) if group is None else (group.expansion, group.group_id)


def sources_of(expansion: Expansion) -> set[str]:
    """The tasks whose output decides how many there are."""
    found: set[str] = set()
    ahead = [source for _, source in expansion.arguments]
    ahead += [] if expansion.kwargs is None else [expansion.kwargs]
    while ahead:
        source = ahead.pop()
        found |= {source.task_id} if source.kind == "xcom" else set()
        ahead += source.of
    return found


def expanded(mirror: Mirror, task: TaskSnapshot) -> str | TaskState | None:
    """RUN for what may begin itself, REMOVED for what goes, to become many or for want of an item;
    None while nobody knows."""
    expansion, _ = mapping_of(mirror, task.key)
    if expansion is None:
        return RUN
    length = length_of(mirror, task)
    if task.key.map_index >= 0:
        return TaskState.REMOVED if length is not None and task.key.map_index >= length else RUN
    if length is not None:
        return TaskState.REMOVED if length else TaskState.SKIPPED
    rows = [row for name in sources_of(expansion) for row in rows_of(mirror, task, name)]
    return TaskState.UPSTREAM_FAILED if all(row.state in ENDED for row in rows) else None


def length_of(mirror: Mirror, task: TaskSnapshot) -> int | None:
    """How many task instances there ought to be of a mapped task; None if nobody knows."""
    expansion, _ = mapping_of(mirror, task.key)
    assert expansion is not None
    if expansion.kwargs is not None:
        return _items(mirror, task, expansion.kwargs)
    product = 1
    for _, source in expansion.arguments:
        items = _items(mirror, task, source)
        if items is None:
            return None
        product *= items
    return product


def _items(mirror: Mirror, task: TaskSnapshot, source: Source) -> int | None:
    if source.kind == "literal":
        return source.length
    if source.kind == "xcom":
        rows = rows_of(mirror, task, source.task_id)
        if len(rows) == 1 and rows[0].key.map_index < 0:
            return rows[0].map_length
        if any(row.state not in ENDED for row in rows) or not rows:
            return None
        return sum(row.map_length or 0 for row in rows if row.state is not TaskState.REMOVED)
    parts = [_items(mirror, task, part) for part in source.of]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    if source.kind == "concat":
        return sum(known)
    return max(known) if source.fills else min(known)


def full_limits(mirror: Mirror, task: TaskSnapshot) -> list[str]:
    """The limits that keep a scheduled task instance from a slot."""
    return [name for name, used, need, most in limits(mirror, task) if used + need > most]


def may_be_kept_back(mirror: Mirror, task: TaskSnapshot) -> bool:
    """Whether the free slots of its pool may be kept for one that comes first and needs more."""
    mine = mirror.task_plan(task.key)
    slots = mirror.pools.get(mine.pool, 0)
    room = slots - sum(
        mirror.task_plan(other.key).pool_slots
        for other in mirror.tasks.values()
        if other.state in HOLDING
        and other.token is not None
        and mirror.task_plan(other.key).pool == mine.pool
    )
    return any(
        other.state is TaskState.SCHEDULED
        and mirror.task_plan(other.key).pool == mine.pool
        and room < mirror.task_plan(other.key).pool_slots <= slots
        and order(mirror, other) < order(mirror, task)
        for other in mirror.tasks.values()
    )


def limits(mirror: Mirror, task: TaskSnapshot) -> Iterator[tuple[str, int, int, float]]:
    """(name, used, needed, capacity) of every limit a task instance comes under."""
    run = mirror.runs[task.key.run]
    plan = mirror.plan_of(run)
    mine = mirror.task_plan(task.key)
    holding = [
        (other, mirror.task_plan(other.key))
        for other in mirror.tasks.values()
        if other.state in HOLDING and other.token is not None
    ]
    if held(mirror, run):
        yield "the DAG is held", 0, 1, 0
    of_dag = [pair for pair in holding if pair[0].key.dag_id == task.key.dag_id]
    latest = mirror.dags[task.key.dag_id].plan
    most = next(
        (one.max_active_tis_per_dag for one in latest.tasks if one.task_id == mine.task_id), None
    )
    if most is not None:  # the latest version decides, for all runs
        counted = [other for other, _ in of_dag if other.key.task_id == task.key.task_id]
        yield "max_active_tis_per_dag", len(counted), 1, most
    if mine.max_active_tis_per_dagrun is not None:
        same = [
            other
            for other, _ in of_dag
            if other.key.run == task.key.run and other.key.task_id == task.key.task_id
        ]
        yield "max_active_tis_per_dagrun", len(same), 1, mine.max_active_tis_per_dagrun
    if plan.max_active_tasks_per_run:
        counted = [other for other, _ in of_dag if other.key.run == task.key.run]
        yield "max_active_tasks of the run", len(counted), 1, plan.max_active_tasks
    else:
        counted = [
            other
            for other, _ in of_dag
            if not mirror.plan_of(mirror.runs[other.key.run]).max_active_tasks_per_run
        ]
        yield "max_active_tasks of the DAG", len(counted), 1, latest.max_active_tasks
    used = sum(its.pool_slots for _, its in holding if its.pool == mine.pool)
    slots = mirror.pools.get(mine.pool, 0)
    yield f"pool {mine.pool}", used, mine.pool_slots, float("inf") if slots < 0 else slots
    yield "executor", len(holding), 1, mirror.slots


def order(mirror: Mirror, task: TaskSnapshot) -> tuple[Any, ...]:
    """Who goes first: by weight, date, place in the DAG, name."""
    run = mirror.runs[task.key.run]
    when, place = run.logical_date or run.run_after, mirror.place_of(task.key)
    plan = mirror.task_plan(task.key)
    weights = (plan.priority_weight, *plan.retry_weights)
    weight = weights[min(max(task.try_number, 1), len(weights)) - 1]
    return -weight, when, task.key.map_index, place, run.key


def goes_before(mirror: Mirror, chosen: TaskSnapshot) -> list[TaskSnapshot]:
    """The scheduled task instances that ought to have got a slot instead of `chosen`."""
    mine = order(mirror, chosen)
    return [
        other
        for other in mirror.tasks.values()
        if other.state is TaskState.SCHEDULED
        and other.key != chosen.key
        and order(mirror, other) < mine
        and not full_limits(mirror, other)
        and not may_be_kept_back(mirror, other)
    ]


def passed_over(mirror: Mirror, chosen: TaskSnapshot) -> list[TaskSnapshot]:
    """The scheduled task instances that come before `chosen`, and that only their pool keeps waiting,
    for they need more of its slots than are free, though not more than it has."""
    pool = mirror.task_plan(chosen.key).pool
    mine = order(mirror, chosen)
    return [
        other
        for other in mirror.tasks.values()
        if other.state is TaskState.SCHEDULED
        and mirror.task_plan(other.key).pool == pool
        and mirror.task_plan(other.key).pool_slots <= mirror.pools.get(pool, 0)
        and order(mirror, other) < mine
        and full_limits(mirror, other) == [f"pool {pool}"]
    ]


def startable_runs(mirror: Mirror, now: datetime) -> list[RunSnapshot]:
    """Queued runs that surely have a run slot."""
    return [
        run
        for run in mirror.runs.values()
        if run.state is RunState.QUEUED
        and run.run_after <= now
        and not run_is_held(mirror, run)
        and _running(mirror, run, surely=False) < most_runs(mirror, run)
    ]


def run_is_held(mirror: Mirror, run: RunSnapshot) -> bool:
    backfill = mirror.unfinished_backfill(run)
    return held(mirror, run) or (backfill is not None and backfill.is_paused)


def most_runs(mirror: Mirror, run: RunSnapshot) -> int:
    backfill = mirror.unfinished_backfill(run)
    if backfill is not None:
        return backfill.max_active_runs
    return mirror.dags[run.key.dag_id].plan.max_active_runs


def has_no_run_slot(mirror: Mirror, run: RunSnapshot) -> bool:
    """Whether a run that is about to start surely exceeds its limit."""
    return _running(mirror, run, surely=True) >= most_runs(mirror, run)


def _running(mirror: Mirror, run: RunSnapshot, *, surely: bool) -> int:
    """Running runs that share a run's slots. One whose backfill has been completed or cancelled
    since may count here or there."""
    backfill = mirror.unfinished_backfill(run)
    return sum(
        other.state is RunState.RUNNING
        and (
            other.backfill_id == run.backfill_id
            if backfill is not None
            else (
                other.backfill_id is None
                or (not surely and mirror.unfinished_backfill(other) is None)
            )
        )
        for other in mirror.runs.values()
        if other.key.dag_id == run.key.dag_id
    )


def finishable_runs(mirror: Mirror) -> list[RunSnapshot]:
    """Running runs in which everything has ended."""
    return [
        run
        for run in mirror.runs.values()
        if run.state is RunState.RUNNING
        and all(task.state in ENDED for task in mirror.tasks_of(run.key))
    ]


def result_of(mirror: Mirror, run: RunSnapshot) -> RunState:
    """How a run in which everything has ended ends, by its leaves."""
    plan = mirror.plan_of(run)
    above = {name for task in plan.tasks for name in task.upstream}
    states = [(task.key.task_id, task.state) for task in mirror.tasks_of(run.key)]
    if plan.fail_fast and TaskState.FAILED in (state for _, state in states):
        return RunState.FAILED
    bad = any(state in BROKEN for task_id, state in states if task_id not in above)
    return RunState.FAILED if bad else RunState.SUCCESS


def dues(mirror: Mirror) -> Iterator[tuple[datetime, str]]:
    """Every moment at which something is to happen by itself, as far as the rows tell."""
    for task in mirror.tasks.values():
        run = mirror.runs[task.key.run]
        if task.state in WITHOUT_PROCESS:
            waiting = mirror.waiting[task.key]
            for at in (waiting.at, waiting.timeout_at):
                if at is not None:
                    yield at, f"{task.key} is {task.state}"
        if (
            task.state in (TaskState.UP_FOR_RETRY, TaskState.UP_FOR_RESCHEDULE)
            and task.due_at is not None
            and run.state is RunState.RUNNING
            and not held(mirror, run)
            and judged(mirror, task) != WAIT
            and bad_in_the_past(mirror, task) is None
        ):
            yield task.due_at, f"{task.key} is {task.state}"
    for run in mirror.runs.values():
        if (
            run.state is RunState.QUEUED
            and not run_is_held(mirror, run)
            and _running(mirror, run, surely=False) < most_runs(mirror, run)
        ):
            yield run.run_after, f"{run.key} is to start"
        timeout_s = mirror.plan_of(run).dagrun_timeout_s
        if run.state is RunState.RUNNING and timeout_s is not None and run.start_date is not None:
            yield run.start_date + timedelta(seconds=timeout_s), f"{run.key} times out"


def due_schedules(mirror: Mirror, now: datetime) -> Iterator[tuple[datetime, str]]:
    """When each schedule makes its next run, by plain steps; only of kinds that are plain enough:
    those that catch up and step by a fixed delta."""
    for dag_id, dag in mirror.dags.items():
        plan = dag.plan
        is_plain = plan.schedule.kind == "delta_data_interval" and plan.catchup
        if dag.is_paused or dag.is_stale or not plan.tasks or not is_plain:
            continue
        unfinished = sum(
            run.key.dag_id == dag_id
            and run.run_type.value == "scheduled"
            and run.state in (RunState.QUEUED, RunState.RUNNING)
            for run in mirror.runs.values()
        )
        if unfinished >= plan.max_active_runs:
            continue
        delta = timedelta(seconds=plan.schedule.args["delta"])
        last = mirror.last_of.get(dag_id)
        start = plan.start_date if last is None else last[1]
        if start is None or (plan.end_date is not None and start > plan.end_date):
            continue
        if last is not None and plan.start_date is not None:
            start = max(start, plan.start_date)
        yield start + delta, f"the schedule of {dag_id}"

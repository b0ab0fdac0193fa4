"""Random DAGs, and what becomes of them when their file is saved again."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from tests.simulation.agenda import START
from tradewind.model.constructs import Expansion, Source
from tradewind.model.plan import GroupPlan, Plan, ScheduleSpec, TaskPlan, TriggerRule

POOLS = ("default_pool", "small", "gone")
COMMON_RULES = (TriggerRule.ALL_SUCCESS,) * 8 + (TriggerRule.ALL_DONE, TriggerRule.ONE_SUCCESS)
END = START + timedelta(seconds=16)


MAPPED_FROM = 10_000
"""Worlds of seeds from here on have mapped tasks."""


def random_plan(rng: Random, dag_id: str, *, maps: bool) -> Plan:
    """A small DAG; with `maps` some have tasks that become many."""
    count = rng.choice((1, 2, 3, 3, 4, 5))
    shape = rng.choice(("chain", "fan", "random", "random", "diamond", "apart"))
    odd_rules = rng.random() < 0.5
    tasks: list[TaskPlan] = []
    for place in range(count):
        tasks.append(_task(rng, place, _upstream(rng, shape, place, count), odd_rules))
    tasks, groups = _mapped(rng, tasks) if maps else (tasks, ())
    schedule, facts = _schedule(rng)
    plan = Plan(
        dag_id=dag_id,
        tasks=tuple(tasks),
        groups=groups,
        schedule=schedule,
        max_active_runs=rng.choice((1, 2, 3, 16)),
        max_active_tasks=rng.choice((1, 2, 4, 16)),
        max_active_tasks_per_run=rng.random() < 0.6,
        dagrun_timeout_s=rng.choice((3.0, 8.0)) if rng.random() < 0.1 else None,
        fail_fast=rng.random() < 0.06,
        max_consecutive_failed_dag_runs=2 if rng.random() < 0.05 else 0,
        runs_are_named_by_date=rng.choice((True, False)),
        **facts,
    )
    facts_of_tasks = [(task.upstream, task.retry_delay_s, task.pool) for task in tasks]
    further = Random(repr((dag_id, facts_of_tasks, plan.max_active_runs, plan.max_active_tasks)))
    return weighing(further, looking_back(further, plan))


def looking_back(rng: Random, plan: Plan) -> Plan:
    """The same, and some tasks of some DAGs depend on the run before."""
    if rng.random() >= 0.15:
        return plan
    tasks = []
    for task in plan.tasks:
        waits = rng.random() < 0.3
        tasks.append(
            replace(
                task,
                depends_on_past=waits or rng.random() < 0.5,
                wait_for_downstream=waits,
                ignore_first_depends_on_past=rng.random() < 0.8,
            )
        )
    return replace(plan, tasks=tuple(tasks), max_active_runs=rng.choice((1, 2, 5)))


def weighing(rng: Random, plan: Plan) -> Plan:
    """The same, and in some DAGs the weight of a task is another with each try."""
    if rng.random() >= 0.3:
        return plan
    weights = [tuple(rng.choice((0, 1, 3, 9)) for _ in range(rng.randrange(3))) for _ in plan.tasks]
    pairs = zip(plan.tasks, weights, strict=True)
    return replace(plan, tasks=tuple(replace(task, retry_weights=of) for task, of in pairs))


def _mapped(rng: Random, tasks: list[TaskPlan]) -> tuple[list[TaskPlan], tuple[GroupPlan, ...]]:
    """The same with some that become many."""
    if rng.random() > 0.25:
        return tasks, ()
    made = list(tasks)
    for place, task in enumerate(tasks):
        if task.upstream or rng.random() < 0.3:
            made[place] = replace(task, expansion=_expansion(rng, task.upstream))
    if rng.random() > 0.5 or len(tasks) < 2:
        return made, ()
    first = rng.randrange(len(tasks) - 1)
    expansion = _expansion(rng, tasks[first].upstream)
    for place in range(first, rng.randint(first + 1, len(tasks) - 1) + 1):
        task = tasks[place]
        rule = TriggerRule.ALL_SUCCESS if task.trigger_rule is TriggerRule.ALWAYS else None
        made[place] = replace(task, group_id="g", trigger_rule=rule or task.trigger_rule)
    return made, (GroupPlan(group_id="g", expansion=expansion),)


def _expansion(rng: Random, upstream: tuple[str, ...]) -> Expansion:
    outputs = [Source("xcom", task_id=name, key="return_value") for name in upstream]
    literal = Source("literal", length=rng.choice((0, 1, 2, 2, 3)))
    if not outputs:
        return Expansion(arguments=(("x", literal),))
    some = tuple(rng.sample(outputs, rng.randint(1, min(2, len(outputs)))))
    match rng.choice(("one", "one", "two", "zip", "fill", "concat", "kwargs")):
        case "two":
            return Expansion(arguments=(("x", some[0]), ("y", literal)))
        case "zip" | "fill" as kind:
            return Expansion(arguments=(("x", Source("zip", of=some, fills=kind == "fill")),))
        case "concat":
            return Expansion(arguments=(("x", Source("concat", of=some)),))
        case "kwargs":
            return Expansion(kwargs=Source("map", of=some[:1]))
    return Expansion(arguments=(("x", some[0]),))


def changed(rng: Random, plan: Plan) -> Plan:
    """What its file says after an edit."""
    tasks = list(plan.tasks)
    match rng.choice(("limits", "new task", "gone task", "rules", "schedule")):
        case "limits":
            plan = replace(
                plan,
                max_active_runs=rng.choice((1, 2, 5)),
                max_active_tasks=rng.choice((1, 3, 8)),
            )
        case "new task":
            name = f"n{rng.randrange(1000)}"
            above = (rng.choice(tasks).task_id,) if tasks else ()
            if name not in {task.task_id for task in tasks}:
                tasks.append(TaskPlan(task_id=name, upstream=above, pool="small"))
        case "gone task" if len(tasks) > 1:
            gone = tasks[rng.randrange(len(tasks))].task_id
            if gone not in _expanded_over(plan):  # no file could name it any more
                tasks = [
                    replace(task, upstream=tuple(name for name in task.upstream if name != gone))
                    for task in tasks
                    if task.task_id != gone
                ]
        case "rules":
            place = rng.randrange(len(tasks))
            rule = rng.choice(tuple(TriggerRule))
            tasks[place] = replace(tasks[place], trigger_rule=rule, priority_weight=7)
        case "schedule":
            schedule, facts = _schedule(rng)
            plan = replace(plan, schedule=schedule, **facts)
    return replace(plan, tasks=tuple(tasks))


def _expanded_over(plan: Plan) -> set[str]:
    """The tasks over whose output something is expanded."""
    owners = (*plan.tasks, *plan.groups)
    expansions = [owner.expansion for owner in owners if owner.expansion is not None]
    sources = [source for one in expansions for _, source in one.arguments]
    sources += [one.kwargs for one in expansions if one.kwargs is not None]
    found = set()
    while sources:
        source = sources.pop()
        sources += source.of
        found.add(source.task_id)
    return found


def _upstream(rng: Random, shape: str, place: int, count: int) -> tuple[str, ...]:
    if place == 0 or shape == "apart":
        return ()
    match shape:
        case "chain":
            chosen = [place - 1]
        case "fan":
            chosen = [0] if place < count - 1 else list(range(1, place)) or [0]
        case "diamond":
            chosen = [place - 1] if place % 3 else [max(0, place - 2), place - 1]
        case _:
            chosen = rng.sample(range(place), rng.randint(0, min(place, 3)))
    return tuple(f"t{number}" for number in sorted(set(chosen)))


def _task(rng: Random, place: int, upstream: tuple[str, ...], odd_rules: bool) -> TaskPlan:
    weight = rng.choice((1, 1, 1, 2, 5))
    return TaskPlan(
        task_id=f"t{place}",
        upstream=upstream,
        trigger_rule=rng.choice(tuple(TriggerRule) if odd_rules else COMMON_RULES),
        runs=rng.random() > 0.12,
        retries=rng.choice((0, 0, 1, 2)),
        retry_delay_s=rng.choice((0.0, 0.2, 1.0, 4.0)),
        retry_backoff=rng.choice((0.0, 0.0, 2.0, 1.5)),
        max_retry_delay_s=rng.choice((None, 3.0)),
        pool=rng.choice(POOLS) if rng.random() < 0.4 else "default_pool",
        pool_slots=rng.choice((1, 1, 1, 2)),
        priority_weight=weight,
        own_priority_weight=weight,
        max_active_tis_per_dag=rng.choice((1, 2)) if rng.random() < 0.15 else None,
        max_active_tis_per_dagrun=1 if rng.random() < 0.05 else None,
    )


def _schedule(rng: Random) -> tuple[ScheduleSpec, dict[str, Any]]:
    start = START + timedelta(seconds=rng.choice((-8, 0, 3)))
    facts: dict[str, Any] = {
        "start_date": start,
        "end_date": END,
        "catchup": rng.random() < 0.6,
    }
    delta = rng.choice((4.0, 7.0))
    match rng.choice(("null", "null", "delta", "delta", "cron", "continuous", "once", "trigger")):
        case "delta":
            return ScheduleSpec("delta_data_interval", {"delta": delta}), facts
        case "cron":
            facts["start_date"] = START - timedelta(minutes=rng.choice((1, 3)))
            args = {"expression": "* * * * *", "timezone": "UTC"}
            return ScheduleSpec("cron_data_interval", args), facts
        case "continuous":
            facts["end_date"] = START + timedelta(seconds=6)
            return ScheduleSpec("continuous"), facts
        case "once":
            return ScheduleSpec("once"), facts
        case "trigger":
            return ScheduleSpec("delta_trigger", {"delta": delta, "interval": 0.0}), facts
    return ScheduleSpec(), facts

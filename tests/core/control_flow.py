"""Random branches, setups and teardowns, put into DAGs that have none."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

from tradewind.model.plan import Plan, TaskPlan, TriggerRule


def with_control_flow(rng: Random, tasks: Sequence[TaskPlan]) -> tuple[TaskPlan, ...]:
    """The same tasks, some of which choose, set up or tear down. They stand in topological order."""
    made: list[TaskPlan] = []
    for task in tasks:
        match rng.choice(("setup", "teardown", "choice", "choice", "work", "work")):
            case "setup":
                task = replace(task, is_setup=True)
            case "teardown":
                task = _teardown(rng, task, made)
            case "choice":
                task = replace(task, may_skip_downstream=True)
        made.append(task)
    after_setup = {
        task.task_id
        for task in made
        if not task.is_teardown
        and any(one.is_setup for one in made if one.task_id in task.upstream)
    }
    return tuple(
        replace(task, trigger_rule=TriggerRule.ALL_SUCCESS) if task.task_id in after_setup else task
        for task in made
    )


def _teardown(rng: Random, task: TaskPlan, before: Sequence[TaskPlan]) -> TaskPlan:
    setups = [one.task_id for one in before if one.is_setup]
    chosen = rng.sample(setups, min(len(setups), rng.choice((0, 1, 1, 2))))
    upstream = {*task.upstream, *chosen}
    return replace(
        task,
        upstream=tuple(sorted(upstream)),
        trigger_rule=TriggerRule.ALL_DONE_SETUP_SUCCESS,
        is_teardown=True,
        setups=tuple(sorted(upstream & set(setups))),
        on_failure_fail_dagrun=rng.random() < 0.3,
    )


def random_choice(
    rng: Random, plan: Plan, task_id: str
) -> tuple[dict[str, Any] | None, tuple[tuple[str, int], ...]]:
    """What a task that chooses notes, if anything, and whom its end skips: as operators do it."""
    after = [task.task_id for task in plan.tasks if task_id in task.upstream]
    match rng.choice(("branch", "branch", "near", "far", "nothing")):
        case "branch" if after:
            followed = rng.sample(after, rng.randint(0, len(after)))
            left = [name for name in after if name not in followed]
            return {"followed": followed}, tuple((name, -1) for name in left)
        case "near" if after:
            return {"skipped": after}, tuple((name, -1) for name in after)
        case "far" if after:
            far = _spare_teardowns(plan, _below(plan, task_id))
            return {"skipped": far}, tuple((name, -1) for name in far)
    return None, ()


def _below(plan: Plan, task_id: str) -> list[str]:
    found = {task_id}
    for task in plan.tasks:  # in topological order
        if found & set(task.upstream):
            found.add(task.task_id)
    return sorted(found - {task_id})


def _spare_teardowns(plan: Plan, names: list[str]) -> list[str]:
    teardowns = {task.task_id for task in plan.tasks if task.is_teardown}
    return [name for name in names if name not in teardowns]

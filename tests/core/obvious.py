"""What becomes of a task, worked out slowly and plainly from the reference's words: no line of the
product's core, nothing counted or kept.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tradewind.model.plan import Plan, TaskPlan
from tradewind.model.states import FINISHED, TaskState

S, K, F = TaskState.SUCCESS, TaskState.SKIPPED, TaskState.FAILED
U, R = TaskState.UPSTREAM_FAILED, TaskState.REMOVED


def fate(
    plan: Plan, task_id: str, states: Mapping[str, TaskState], choices: Mapping[str, Any]
) -> str:
    """What becomes of a task that has not begun: `runs`, `waits` or the state that is set.

    `states` are those of all that has an instance, `choices` what tasks that choose have noted.
    """
    tasks = {task.task_id: task for task in plan.tasks}
    mine = tasks[task_id]
    for name in mine.upstream:
        if tasks[name].may_skip_downstream and states.get(name) in FINISHED:
            choice = choices.get(name) or {}
            if "followed" in choice and task_id not in choice["followed"]:
                return "skipped"
            if task_id in choice.get("skipped", ()):
                return "skipped"
    if not mine.upstream or mine.trigger_rule == "always":
        return "runs"
    ends = [states[name] for name in mine.upstream if name in states]
    setups = [states[name] for name in mine.upstream if name in states and tasks[name].is_setup]
    if mine.is_teardown:
        answer = by_rule(mine.trigger_rule.value, ends, setups)
        scope = [states[name] for name in scope_of_teardown(tasks, mine) if name in states]
        return "waits" if answer == "runs" and any(s not in FINISHED for s in scope) else answer
    needed = [states[name] for name in setups_of_work(tasks, mine) if name in states]
    if F in needed or U in needed:
        return "upstream_failed"
    if K in needed:
        return "skipped"
    answer = by_rule(mine.trigger_rule.value, ends, setups)
    return "waits" if answer == "runs" and any(state is not S for state in needed) else answer


def above(tasks: Mapping[str, TaskPlan], task_id: str) -> set[str]:
    """All that is upstream of a task."""
    found = set(tasks[task_id].upstream)
    return found.union(*(above(tasks, name) for name in found))


def below(tasks: Mapping[str, TaskPlan], task_id: str) -> set[str]:
    """All that is downstream of a task."""
    return {name for name in tasks if task_id in above(tasks, name)}


def teardowns_of(tasks: Mapping[str, TaskPlan], setup: str) -> set[str]:
    """The teardowns directly after a setup."""
    return {name for name, one in tasks.items() if one.is_teardown and setup in one.upstream}


def setups_of_work(tasks: Mapping[str, TaskPlan], mine: TaskPlan) -> set[str]:
    """The setups not directly upstream that a task cannot do without: those that have a teardown
    after it, or none at all."""
    later = below(tasks, mine.task_id)
    return {
        name
        for name in above(tasks, mine.task_id) - set(mine.upstream)
        if tasks[name].is_setup
        and (not teardowns_of(tasks, name) or teardowns_of(tasks, name) & later)
    }


def scope_of_teardown(tasks: Mapping[str, TaskPlan], mine: TaskPlan) -> set[str]:
    """What is between a teardown's setups and itself, and not directly upstream of it."""
    earlier = above(tasks, mine.task_id) - set(mine.upstream)
    setups = [name for name in mine.upstream if tasks[name].is_setup]
    return {name for setup in setups for name in below(tasks, setup) & earlier}


def leaves(plan: Plan) -> set[str]:
    """The tasks that decide how a run ends."""
    ignored = {
        task.task_id for task in plan.tasks if task.is_teardown and not task.on_failure_fail_dagrun
    }
    found = {
        task.task_id
        for task in plan.tasks
        if task.task_id not in ignored
        and all(other.task_id in ignored for other in plan.tasks if task.task_id in other.upstream)
    }
    named = {name for task in plan.tasks for name in task.upstream}
    return found or {task.task_id for task in plan.tasks} - named


def by_rule(rule: str, upstream: Sequence[TaskState], setups: Sequence[TaskState] = ()) -> str:
    """What a trigger rule says: `runs`, `waits` or the state that is set. `setups` are those of
    `upstream` that are setup tasks."""
    if not upstream:
        return "runs"
    done = all(state in FINISHED for state in upstream)
    some_failed = F in upstream or U in upstream
    all_skipped = all(state is K for state in upstream)
    match rule:
        case "all_success":
            if some_failed:
                return "upstream_failed"
            if K in upstream:
                return "skipped"
            return "runs" if done else "waits"
        case "all_failed":
            if S in upstream or K in upstream:
                return "skipped"
            return "runs" if done else "waits"
        case "all_done":
            return "runs" if done else "waits"
        case "all_done_setup_success":
            if not done:
                return "waits"
            if not setups or S in setups:
                return "runs"
            return "skipped" if all(state is K for state in setups) else "upstream_failed"
        case "all_done_min_one_success":
            if K in upstream:
                return "skipped"
            if done:
                return "runs" if S in upstream else "upstream_failed"
            return "waits"
        case "one_success":
            if S in upstream:
                return "runs"
            if all_skipped:
                return "skipped"
            return "upstream_failed" if done else "waits"
        case "one_failed":
            if some_failed:
                return "runs"
            return "skipped" if done else "waits"
        case "one_done":
            if S in upstream or F in upstream:
                return "runs"
            return "skipped" if done else "waits"
        case "none_failed":
            if some_failed:
                return "upstream_failed"
            return "runs" if done else "waits"
        case "none_failed_min_one_success":
            if some_failed:
                return "upstream_failed"
            if all_skipped:
                return "skipped"
            if done:
                return "runs" if S in upstream else "upstream_failed"
            return "waits"
        case "none_skipped":
            if K in upstream:
                return "skipped"
            return "runs" if done else "waits"
        case "all_skipped":
            if any(state in (S, F, U) for state in upstream):
                return "skipped"
            return "runs" if all_skipped else "waits"
        case "always":
            return "runs"
    raise AssertionError(rule)


def cleared(plan: Plan, named: set[str], *, upstream: bool, downstream: bool) -> set[str]:
    """What is cleared where these tasks are named."""
    tasks = {task.task_id: task for task in plan.tasks}
    found = set(named)
    for name in named:
        works = set() if upstream else {name}
        if downstream:
            found |= below(tasks, name)
            works |= below(tasks, name) - named
        if upstream:
            found |= above(tasks, name)
            for setup in above(tasks, name):
                if tasks[setup].is_setup:
                    found |= teardowns_of(tasks, setup)
        if tasks[name].is_setup and not downstream:
            found |= teardowns_of(tasks, name)
        for work in works:
            if not tasks[work].is_setup and not tasks[work].is_teardown:
                later = below(tasks, work)
                for setup in above(tasks, work):
                    its = teardowns_of(tasks, setup)
                    if tasks[setup].is_setup and (not its or its & later):
                        found |= {setup} | its
    return found

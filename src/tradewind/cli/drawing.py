"""A Plan as text: an indented tree for people, DOT for Graphviz. Pure."""

import json
from collections.abc import Iterator, Sequence

from tradewind.model.plan import Plan, TaskPlan, TriggerRule


def tree(plan: Plan) -> str:
    """Every task below the tasks it waits for; one that was shown before is only named."""
    downstream = _downstream(plan)
    lines = [plan.dag_id]
    shown: set[str] = set()
    roots = [task for task in plan.tasks if not task.upstream]
    waiting = _siblings(roots, "")
    while waiting:
        task, prefix, is_last = waiting.pop()
        again = task.task_id in shown
        lines.append(f"{prefix}{'└── ' if is_last else '├── '}{_label(task, again)}")
        if not again:
            shown.add(task.task_id)
            waiting += _siblings(downstream[task.task_id], prefix + ("    " if is_last else "│   "))
    return "\n".join(lines) + "\n"


def _siblings(tasks: Sequence[TaskPlan], prefix: str) -> list[tuple[TaskPlan, str, bool]]:
    """A stack with the first task on top."""
    last = len(tasks) - 1
    return [(task, prefix, place == last) for place, task in enumerate(tasks)][::-1]


def _label(task: TaskPlan, again: bool) -> str:
    rule = "" if task.trigger_rule is TriggerRule.ALL_SUCCESS else f", {task.trigger_rule}"
    return f"{task.task_id} ({task.operator}{rule}){' - see above' if again else ''}"


def _downstream(plan: Plan) -> dict[str, list[TaskPlan]]:
    found: dict[str, list[TaskPlan]] = {task.task_id: [] for task in plan.tasks}
    for task in plan.tasks:
        for upstream in task.upstream:
            found[upstream].append(task)
    return found


def dot(plan: Plan) -> str:
    """The DAG as a DOT digraph; task groups are clusters."""
    lines = [f"digraph {_quoted(plan.dag_id)} {{", "  rankdir=LR", "  node [shape=box]"]
    lines += _cluster(plan, None, "  ")
    for task in plan.tasks:
        for upstream in task.upstream:
            label = plan.edge_labels.get(upstream, {}).get(task.task_id)
            shown = f" [label={_quoted(label)}]" if label else ""
            lines.append(f"  {_quoted(upstream)} -> {_quoted(task.task_id)}{shown}")
    return "\n".join([*lines, "}"]) + "\n"


def _cluster(plan: Plan, group_id: str | None, indent: str) -> Iterator[str]:
    for task in plan.tasks:
        if task.group_id == group_id:
            name = task.display_name or task.task_id
            yield f"{indent}{_quoted(task.task_id)} [label={_quoted(name)}]"
    for group in plan.groups:
        if group.parent_id == group_id:
            yield f"{indent}subgraph {_quoted('cluster_' + group.group_id)} {{"
            yield f"{indent}  label={_quoted(group.display_name or group.group_id)}"
            yield from _cluster(plan, group.group_id, indent + "  ")
            yield f"{indent}}}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)

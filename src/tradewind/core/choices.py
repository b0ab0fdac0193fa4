"""Tasks that choose which of those after them run: what they leave out is skipped.

A choice has two parts. What the end of the task names is skipped with it, in the same commit,
directly after it or far behind. What it has noted as an XCom counts for the tasks directly after
it, as long as it stands finished: cleared or new, they are skipped again if it goes on without them.
"""

from collections.abc import Iterable
from typing import Any

from tradewind.core.task_instance import Task
from tradewind.core.turn import Turn
from tradewind.model.keys import CHOICE
from tradewind.model.states import FINISHED, TaskState

_SPARED = FINISHED - {TaskState.UPSTREAM_FAILED} | {TaskState.RUNNING}
"""What runs or has run is not called back."""


def note(task: Task, key: str, value: Any) -> None:
    """Remember an XCom that `task` has pushed, if it is a choice."""
    if key == CHOICE and task.node.plan.may_skip_downstream:
        task.run.choices[task.key.task_id, task.key.map_index] = value


def forget(task: Task) -> None:
    """The XComs of `task` are no more."""
    task.run.choices.pop((task.key.task_id, task.key.map_index), None)


def left_out_by(task: Task) -> str | None:
    """The task directly upstream that has chosen to go on without `task`; None if none has."""
    run = task.run
    for place in task.node.choosers:
        chooser = run.beside(task, place)
        if chooser is None:  # one that is expanded itself chooses for those of its map index
            chooser = run.find(run.index.nodes[place].plan.task_id, task.key.map_index)
        if chooser is not None and chooser.state in FINISHED:
            name = chooser.key.task_id
            if _leaves_out(run.choices.get((name, chooser.key.map_index)), task.key.task_id):
                return name
    return None


def _leaves_out(choice: Any, task_id: str) -> bool:
    if not isinstance(choice, dict):  # users can push what they like under any key
        return False
    followed, skipped = choice.get("followed"), choice.get("skipped")
    if isinstance(followed, list):
        return task_id not in followed
    return isinstance(skipped, list) and task_id in skipped


def skip(turn: Turn, chooser: Task, named: Iterable[tuple[str, int]]) -> None:
    """Skip the task instances that the end of `chooser` names: of a mapped one in its group those
    of its own map index, else all of a task."""
    run, reason = chooser.run, f"{chooser.key.task_id} goes on without it"
    for task_id, _ in named:
        place = run.index.by_id.get(task_id)
        if place is None:
            continue
        mapped = chooser.key.map_index >= 0
        for task in (run.beside(chooser, place),) if mapped else run.at(place):
            if task is not None and task.state not in _SPARED:
                turn.kill(task, reason)
                turn.move(task, TaskState.SKIPPED, reason, end_date=turn.now, due_at=None)

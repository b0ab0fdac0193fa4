"""Mapped tasks: one that is about to begin becomes as many as its arguments have items.

Its own task instance, of map index -1, stands for all until then: what the gates say of it, say a
failed upstream, is said of all. Later, when an upstream task has run again, there may be more or
fewer items: then task instances are added or removed before another one begins.
"""

from tradewind.core.fleet import NOT_UNDER_WAY
from tradewind.core.instances import Run
from tradewind.core.plan_index import Node
from tradewind.core.task_instance import Task, new_task
from tradewind.core.turn import SLICE, Turn
from tradewind.model.changes import TaskExpanded, TasksCreated, XComsCleared
from tradewind.model.states import TaskState


def expands(turn: Turn, task: Task) -> bool:
    """Whether `task`, which may begin, does not: it becomes many, or is one too many."""
    if task.node.mapping is None:
        return False
    if task.key.map_index < 0:
        expand(turn, task, task.node.mapping)
        return True
    if task.run.spreads[task.node.place].is_stale:
        revise(turn, task.run, task.node, task.node.mapping)
    return task.state not in NOT_UNDER_WAY


def expand(turn: Turn, task: Task, mapping: int) -> None:
    """Let a task have as many task instances as there are items, or end if there are none."""
    run, length = task.run, task.run.length_of(mapping)
    if length is None:
        turn.move(task, TaskState.UPSTREAM_FAILED, "upstream left nothing to expand it over")
        return
    if not length:
        turn.move(task, TaskState.SKIPPED, "there are no items to expand it over")
        return
    turn.emit(TaskExpanded(task.key, length, f"expanded over {length} items"))
    turn.fleet.look_at(run.expand(task, length))
    grow_some(turn, run, 1)


def revise(turn: Turn, run: Run, node: Node, mapping: int) -> None:
    """Have as many task instances of an expanded task as there are items now, if that is known."""
    spread = run.spreads[node.place]
    length = run.length_of(mapping)
    if length is None:
        return
    spread.is_stale = False
    for task in spread.made():
        index = task.key.map_index
        if index >= length and task.state is not TaskState.REMOVED:
            turn.kill(task, "there are fewer items now")
            turn.move(task, TaskState.REMOVED, "there are fewer items now", due_at=None)
            turn.emit(XComsCleared(task.key))
        elif index < length and task.state is TaskState.REMOVED:
            turn.move(task, TaskState.NONE, "there are as many items again")
    if run.lengthen(node, length):
        grow_some(turn, run, 1)


def grow(turn: Turn) -> None:
    """Go on making the task instances of expanded tasks, run by run."""
    fleet = turn.fleet
    while fleet.growing and turn.has_room:
        grow_some(turn, fleet.growing.take(), SLICE)


def finish_growing(turn: Turn, run: Run) -> None:
    """Make all that is missing at once: somebody wants to change the run as a whole."""
    while run.growing:
        grow_some(turn, run, SLICE)


def grow_some(turn: Turn, run: Run, most: int) -> list[Task]:
    """Make up to `most` of the task instances that a run still lacks."""
    made: list[Task] = []
    while run.growing and len(made) < most:
        place = run.growing[0]
        node, spread = run.index.nodes[place], run.spreads[place]
        while spread.unmade and len(made) < most:
            index = spread.next_unmade()
            task = Task(run, node, new_task(run.key, node, index))
            spread.put(index, task)
            made.append(task)
        if not spread.unmade:
            run.growing.popleft()
    if made:
        rows = tuple(task.snapshot() for task in made)
        turn.emit(TasksCreated(run.key, rows, "expanded"))
        turn.spend(len(made))
        turn.fleet.look_at(made)
    if run.growing:
        turn.fleet.growing.add(run)
    return made

"""What a task has become that was expanded in one run: its task instances by map index."""

from typing import TYPE_CHECKING

from tradewind.model.states import FINISHED, TaskState

if TYPE_CHECKING:
    from tradewind.core.task_instance import Task


class Spread:
    """The task instances of one expanded task. They are made in slices, the last one first: so the
    rows alone tell how many there are to be.
    """

    __slots__ = ("_next", "is_stale", "tasks", "unended", "unmade")

    def __init__(self) -> None:
        self.tasks: list[Task | None] = []
        """By map index; None is still to be made."""
        self.unmade = 0
        self.unended = 0
        """How many have not finished, or are still to be made."""
        self._next = 0
        self.is_stale = True
        """Whether to work out, before another of them begins, how many there should be."""

    def reach(self, length: int) -> int:
        """Make room for `length` of them; how many places that adds."""
        added = max(0, length - len(self.tasks))
        self.tasks.extend([None] * added)
        self.unmade += added
        self.unended += added
        return added

    def put(self, map_index: int, task: "Task") -> None:
        """Take in one of them."""
        self.reach(map_index + 1)
        if self.tasks[map_index] is None:
            self.unmade -= 1
        self.tasks[map_index] = task
        self.went(TaskState.NONE, task.state)

    def went(self, before: TaskState, after: TaskState) -> None:
        """Count a change of state of one of them."""
        self.unended += (after not in FINISHED) - (before not in FINISHED)

    def get(self, map_index: int) -> "Task | None":
        """One of them; None if it is not made or will not be."""
        return self.tasks[map_index] if 0 <= map_index < len(self.tasks) else None

    def next_unmade(self) -> int:
        """The map index of the next to be made; only if one is."""
        if self.tasks[-1] is None:
            return len(self.tasks) - 1
        while self.tasks[self._next] is not None:
            self._next += 1
        return self._next

    def made(self) -> "list[Task]":
        """Those that are made, by map index."""
        return [task for task in self.tasks if task is not None]

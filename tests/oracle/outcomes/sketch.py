"""What a random DAG is before it is written down as a file: tasks, groups, edges, and a story.

The story says what is done with the DAG: runs are made, some tasks end, something is cleared, the
file changes, the rest ends. Tasks run one at a time in an order that both engines can follow.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

Step = tuple[str, *tuple[object, ...]]
"""("run", run_id, date) | ("go", number of tasks) | ("finish",) | ("clear", run_id, [task_id],
include_downstream) | ("file", 2)."""


@dataclass(slots=True)
class Job:
    """One task."""

    name: str
    """Also the variable that holds it."""
    does: str = "ok"
    arg: int = 1
    form: str = "task"
    """What makes it: task, empty, branch or short_circuit."""
    rule: str | None = None
    options: dict[str, str] = field(default_factory=dict)
    given: str | None = None
    """A variable whose value it gets."""
    over: str | None = None
    """What it is mapped over: a variable or a literal list."""
    follows: str | None = None
    """A branch: the ids it chooses, as a literal."""
    ending: str = ""
    """What is called on it: `.as_setup()`."""
    after: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Group:
    """A task group; with `over`, a mapped one whose tasks may take its argument `x`."""

    name: str
    items: list["Job | Group"] = field(default_factory=list)
    over: str | None = None
    after: list[str] = field(default_factory=list)


Item = Job | Group


@dataclass(slots=True)
class Sketch:
    """A random DAG and what is done with it."""

    seed: int
    items: list[Item] = field(default_factory=list)
    dag_options: dict[str, str] = field(default_factory=dict)
    story: list[Step] = field(default_factory=list)
    removed: str | None = None
    """The task that the second version of the file lacks."""
    traits: set[str] = field(default_factory=set)
    """What it covers."""

    @property
    def dag_id(self) -> str:
        return f"d{self.seed}"

    @property
    def editions(self) -> tuple[int, ...]:
        """Of its file."""
        return (1,) if self.removed is None else (1, 2)

    def jobs(self) -> Iterator[Job]:
        """Every task, groups' own included."""
        todo: list[Item] = list(self.items)
        while todo:
            item = todo.pop(0)
            if isinstance(item, Job):
                yield item
            else:
                todo[:0] = item.items


def place(seed: int, run_id: str, task_id: str, map_index: int, try_number: int) -> str:
    """Of the tasks that may run, the one with the least of these is next."""
    name = f"{seed}/{run_id}/{task_id}/{map_index}/{try_number}"
    return sha256(name.encode()).hexdigest()

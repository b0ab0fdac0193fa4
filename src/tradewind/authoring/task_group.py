"""TaskGroup: a box around tasks, with a prefix for their ids and default_args of its own."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from tradewind.authoring.doc_files import read_doc
from tradewind.authoring.errors import (
    DuplicateTaskIdFound,
    NodeNotFound,
    TaskAlreadyInTaskGroup,
)
from tradewind.authoring.names import check_group_key, did_you_mean
from tradewind.authoring.node import DAGNode, DependencyMixin
from tradewind.authoring.scopes import DagContext, TaskGroupContext

if TYPE_CHECKING:
    from tradewind.authoring.dag import DAG
    from tradewind.authoring.expansion import ExpandInput
    from tradewind.authoring.operator import BaseOperator


class TaskGroup(DAGNode):
    """Groups tasks; `with TaskGroup("load"):` puts what is created inside into it."""

    __module__ = "airflow.sdk.definitions.taskgroup"

    def __init__(
        self,
        group_id: str | None,
        group_display_name: str = "",
        prefix_group_id: bool = True,
        parent_group: "TaskGroup | None" = None,
        dag: "DAG | None" = None,
        default_args: dict[str, Any] | None = None,
        tooltip: str = "",
        doc_md: str | None = None,
        ui_color: str = "CornflowerBlue",
        ui_fgcolor: str = "#000",
        add_suffix_on_collision: bool = False,
        *,
        expand_input: "ExpandInput | None" = None,
    ) -> None:
        self.expand_input = expand_input
        """What the group is expanded over when it runs; None: it is not."""
        self.prefix_group_id = prefix_group_id
        self.group_display_name = group_display_name
        self.tooltip = tooltip
        self.doc_md: str | None = None
        self.ui_color = ui_color
        self.ui_fgcolor = ui_fgcolor
        self.add_suffix_on_collision = add_suffix_on_collision
        _check_texts(self, group_id)
        self.children: dict[str, BaseOperator | TaskGroup] = {}
        self._before: list[DependencyMixin] = []
        self._after: list[DependencyMixin] = []
        self.default_args: dict[str, Any] = dict(default_args or {})
        self.parent_group: TaskGroup | None = None
        if group_id is None:
            self.dag = dag
            self._group_id: str | None = None
        else:
            self._join(check_group_key(group_id), parent_group, dag)
        self.doc_md = read_doc(doc_md, self.dag.folder) if doc_md else doc_md

    @classmethod
    def create_root(cls, dag: "DAG") -> "TaskGroup":
        """The group that holds everything of a DAG."""
        return cls(group_id=None, dag=dag)

    def _join(self, group_id: str, parent: "TaskGroup | None", dag: "DAG | None") -> None:
        dag = dag or (parent.dag if parent else None) or DagContext.get_current()
        parent = parent or TaskGroupContext.get_current(dag)
        if parent is None:
            raise RuntimeError(
                f"TaskGroup {group_id!r} belongs to no DAG: "
                "create it within `with DAG(...)`, or pass dag="
            )
        self.parent_group = parent
        self.dag = parent.dag
        self.default_args = {**parent.default_args, **self.default_args}
        self._group_id = group_id
        if self.add_suffix_on_collision:
            self._group_id = _free_id(group_id, parent)
        parent.add(self)

    @property
    def task_group(self) -> "TaskGroup | None":  # type: ignore[override]
        """The group around this one."""
        return self.parent_group

    @property
    def group_id(self) -> str | None:
        """Id within the DAG, with the prefixes; None for the root."""
        parent = self.parent_group
        if parent is not None and parent.group_id and parent.prefix_group_id and self._group_id:
            return f"{parent.group_id}.{self._group_id}"
        return self._group_id

    @property
    def node_id(self) -> str:
        return self.group_id or ""

    @property
    def label(self) -> str | None:
        """Its display name, else the id without the prefix of the group around it."""
        return self.group_display_name or super().label

    @property
    def is_root(self) -> bool:
        """Whether this is the DAG itself."""
        return self.parent_group is None

    @property
    def upstream_join_id(self) -> str:
        """Id of the point where edges into the group meet, in graphs."""
        return f"{self.group_id}.upstream_join_id"

    @property
    def downstream_join_id(self) -> str:
        """Id of the point where edges out of the group meet, in graphs."""
        return f"{self.group_id}.downstream_join_id"

    def child_id(self, label: str) -> str:
        """The id that a task called `label` gets in here."""
        if self.prefix_group_id and self.group_id:
            return f"{self.group_id}.{label}"
        return label

    def id_within(self, task_id: str) -> str:
        """The task of the DAG that `task_id` means to the tasks in here."""
        return self.parent_group.id_within(task_id) if self.parent_group else task_id

    def add(self, node: "BaseOperator | TaskGroup") -> "BaseOperator | TaskGroup":
        """Take a task or group in. Raises DuplicateTaskIdFound, TaskAlreadyInTaskGroup."""
        group = node.task_group
        if group is not None and group is not self:
            where = f"group {group.group_id!r}" if group.group_id else "the DAG's root group"
            raise TaskAlreadyInTaskGroup(
                f"{node.node_id!r} is in {where} already; it cannot be in {self.group_id!r} as well"
            )
        key = node.node_id
        is_taken = isinstance(node, TaskGroup) and (
            key in self.dag.group_ids or key in self.dag.task_dict
        )
        if is_taken or (key in self.children and self.children[key] is not node):
            kind = "group" if key in self.dag.group_ids else "task"
            raise DuplicateTaskIdFound(
                f"DAG {self.dag_id!r} has a {kind} {key!r} already: give this one another id"
            )
        self.children[key] = node
        if isinstance(node, TaskGroup):
            self.dag.group_ids.add(key)
        return node

    def __enter__(self) -> Self:
        TaskGroupContext.push(self)
        return self

    def __exit__(self, *_: object) -> None:
        TaskGroupContext.pop()

    def iter_tasks(self) -> "Iterator[BaseOperator]":
        """Every task inside, those of inner groups included."""
        for child in self.children.values():
            if isinstance(child, TaskGroup):
                yield from child.iter_tasks()
            else:
                yield child

    def __iter__(self) -> "Iterator[BaseOperator]":
        return self.iter_tasks()

    def has_task(self, task: "BaseOperator") -> bool:
        """Whether a task is inside."""
        return any(inner is task for inner in self.iter_tasks())

    def get_roots(self) -> "Iterator[BaseOperator]":
        """The tasks that no other task of the group comes before."""
        ids = {task.task_id for task in self.iter_tasks()}
        return (task for task in self.iter_tasks() if not task.upstream_task_ids & ids)

    def get_leaves(self) -> "Iterator[BaseOperator]":
        """The tasks that no other task of the group comes after, teardown tasks left out."""
        inside = {task.task_id: task for task in self.iter_tasks()}
        works = {name for name, task in inside.items() if not task.is_teardown}
        return (
            inside[name]
            for name in inside
            if name in works
            and not inside[name].downstream_task_ids & works
            and not _only_sets_up(inside[name], inside)
        )

    def iter_mapped_task_groups(self) -> "Iterator[TaskGroup]":
        """This group and those around it that are expanded when they run."""
        group: TaskGroup | None = self
        while group is not None:
            if group.expand_input is not None:
                yield group
            group = group.parent_group

    def topological_sort(self) -> "list[BaseOperator | TaskGroup]":
        """The direct children, each after those before it."""
        waiting = dict(self.children)
        order: list[BaseOperator | TaskGroup] = []
        while waiting:
            ready = [name for name, node in waiting.items() if not _waits_for(node, waiting)]
            for name in ready or list(waiting):
                order.append(waiting.pop(name))
        return order

    def hierarchical_alphabetical_sort(self) -> "list[BaseOperator | TaskGroup]":
        """The direct children: groups first, each kind by label."""
        return sorted(
            self.children.values(),
            key=lambda node: (not isinstance(node, TaskGroup), node.label or ""),
        )

    @property
    def roots(self) -> "Sequence[BaseOperator]":
        return list(self.get_roots())

    @property
    def leaves(self) -> "Sequence[BaseOperator]":
        return list(self.get_leaves())

    # --- what the group as a whole was put before and after ---------------------------------

    def note_edge(self, other: DependencyMixin, *, upstream: bool) -> None:
        (self._before if upstream else self._after).append(other)

    def keep_edges(self, node_ids: set[str]) -> None:
        """Forget what is known of edges to other tasks and groups than these."""
        for nodes in (self._before, self._after):
            nodes[:] = [node for node in nodes if _ids_of(node) <= node_ids]

    def first_tasks(self) -> "Sequence[BaseOperator]":
        """Its roots; of a group without a task those of what comes after it."""
        return self.roots or [task for node in self._after for task in node.first_tasks()]

    def last_tasks(self) -> "Sequence[BaseOperator]":
        """Its leaves; of a group without a task those of what comes before it."""
        if any(True for _ in self.iter_tasks()):
            return self.leaves
        return [task for node in self._before for task in node.last_tasks()]

    @property
    def upstream_group_ids(self) -> set[str]:
        """The groups that it was put after as a whole."""
        return _group_ids(self._before)

    @property
    def downstream_group_ids(self) -> set[str]:
        """The groups that it was put before as a whole."""
        return _group_ids(self._after)

    @property
    def upstream_task_ids(self) -> set[str]:
        """The tasks, not of groups put so as a whole, that it was put after."""
        return _task_ids(self._before, upstream=True)

    @property
    def downstream_task_ids(self) -> set[str]:
        """The tasks, not of groups put so as a whole, that it was put before."""
        return _task_ids(self._after, upstream=False)

    def __getitem__(self, label: str) -> "BaseOperator | TaskGroup":
        key = self.child_id(label)
        if key not in self.children:
            labels = [child.label or "" for child in self.children.values()]
            hint = did_you_mean(label, labels)
            raise NodeNotFound(f"group {self.group_id!r} has no task or group {label!r}{hint}")
        return self.children[key]

    def get_child_by_label(self, label: str) -> "BaseOperator | TaskGroup":
        """The task or group called `label` in here."""
        return self.children[self.child_id(label)]

    def get_task_group_dict(self) -> "dict[str | None, TaskGroup]":
        """Every group in here by its id, this one included."""
        found: dict[str | None, TaskGroup] = {self.group_id: self}
        for child in self.children.values():
            if isinstance(child, TaskGroup):
                found |= child.get_task_group_dict()
        return found

    def __repr__(self) -> str:
        return f"<TaskGroup: {self.group_id or '(root)'}>"


class MappedTaskGroup(TaskGroup):
    """A group that becomes many when it runs."""

    __module__ = "airflow.sdk.definitions.taskgroup"


def _check_texts(group: TaskGroup, group_id: str | None) -> None:
    for name in ("tooltip", "ui_color", "ui_fgcolor", "group_display_name"):
        value = getattr(group, name)
        if not isinstance(value, str):
            raise TypeError(
                f"TaskGroup {group_id!r}: {name} must be a string, not {type(value).__name__} "
                f"{value!r}"
            )


def _ids_of(node: DependencyMixin) -> set[str]:
    if isinstance(node, DAGNode):
        return {node.node_id}
    return {task.task_id for task in node.roots}


def _group_ids(nodes: Sequence[DependencyMixin]) -> set[str]:
    return {node.node_id for node in nodes if isinstance(node, TaskGroup)}


def _task_ids(nodes: Sequence[DependencyMixin], *, upstream: bool) -> set[str]:
    tasks = [node for node in nodes if not isinstance(node, TaskGroup)]
    return {
        task.task_id
        for node in tasks
        for task in (node.last_tasks() if upstream else node.first_tasks())
    }


def _only_sets_up(task: "BaseOperator", inside: "Mapping[str, BaseOperator]") -> bool:
    """Whether a setup task has nothing after it in the group but its teardowns."""
    after = task.downstream_task_ids & inside.keys()
    return task.is_setup and bool(after) and all(inside[name].is_teardown for name in after)


def _waits_for(
    node: "BaseOperator | TaskGroup", others: "Mapping[str, BaseOperator | TaskGroup]"
) -> bool:
    """Whether a task of `node` comes directly after one of another of `others`."""
    before: set[str] = set()
    for task in _tasks(node):
        before |= task.upstream_task_ids
    return any(
        other is not node and any(task.task_id in before for task in _tasks(other))
        for other in others.values()
    )


def _tasks(node: "BaseOperator | TaskGroup") -> "Iterator[BaseOperator]":
    return node.iter_tasks() if isinstance(node, TaskGroup) else iter((node,))


def _free_id(group_id: str, parent: TaskGroup) -> str:
    taken = parent.children
    if parent.child_id(group_id) not in taken:
        return group_id
    number = 1
    while parent.child_id(f"{group_id}__{number}") in taken:
        number += 1
    return f"{group_id}__{number}"

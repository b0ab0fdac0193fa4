"""How things are put before and after each other: `>>`, `<<`, set_upstream, set_downstream.

Whatever can be wired says which tasks come first in it (`roots`) and last (`leaves`); an edge from
one thing to another is an edge from each leaf of the one to each root of the other.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tradewind.authoring.dag import DAG
    from tradewind.authoring.edges import EdgeModifier
    from tradewind.authoring.operator import BaseOperator
    from tradewind.authoring.task_group import TaskGroup


class DependencyMixin:
    """Something that can stand on either side of `>>`."""

    __module__ = "airflow.sdk.definitions._internal.mixins"

    @property
    def roots(self) -> Sequence["BaseOperator"]:
        """The tasks that what comes before leads to."""
        raise NotImplementedError

    @property
    def leaves(self) -> Sequence["BaseOperator"]:
        """The tasks that lead to what comes after."""
        raise NotImplementedError

    def first_tasks(self) -> Sequence["BaseOperator"]:
        """Where an edge to this ends."""
        return self.roots

    def last_tasks(self) -> Sequence["BaseOperator"]:
        """Where an edge from this begins."""
        return self.leaves

    def note_edge(self, other: "DependencyMixin", *, upstream: bool) -> None:
        """Told of each edge; what has tasks in it finds it again in them."""

    def set_upstream(self, other: Any, edge_modifier: "EdgeModifier | None" = None) -> None:
        """Put `other`, or each of a list, before this."""
        for node in as_nodes(other, self):
            if isinstance(node, PendingEdge):
                node.take_downstream([self])
            else:
                put(node, self, edge_modifier)

    def set_downstream(self, other: Any, edge_modifier: "EdgeModifier | None" = None) -> None:
        """Put `other`, or each of a list, after this."""
        for node in as_nodes(other, self):
            if isinstance(node, PendingEdge):
                node.take_upstream([self])
            else:
                put(self, node, edge_modifier)

    def __rshift__(self, other: Any) -> Any:
        self.set_downstream(other)
        return other

    def __lshift__(self, other: Any) -> Any:
        self.set_upstream(other)
        return other

    def __rrshift__(self, other: Any) -> "DependencyMixin":
        self.set_upstream(other)
        return self

    def __rlshift__(self, other: Any) -> "DependencyMixin":
        self.set_downstream(other)
        return self


class PendingEdge(DependencyMixin):
    """One end of an edge is known, the other is still to come: a Label between two `>>`."""

    def take_upstream(self, nodes: Sequence[DependencyMixin]) -> None:
        """What this edge comes from."""
        raise NotImplementedError

    def take_downstream(self, nodes: Sequence[DependencyMixin]) -> None:
        """What this edge leads to."""
        raise NotImplementedError


class DAGNode(DependencyMixin):
    """A task or a group: it has an id and stands in a DAG."""

    __module__ = "airflow.sdk.definitions._internal.node"

    dag: Any
    task_group: "TaskGroup | None"

    @property
    def node_id(self) -> str:
        """Id within the DAG."""
        raise NotImplementedError

    @property
    def label(self) -> str | None:
        """The id without the group's prefix."""
        group = self.task_group
        if group is not None and group.node_id and group.prefix_group_id:
            prefix = f"{group.node_id}."
            return self.node_id.removeprefix(prefix)
        return self.node_id

    @property
    def dag_id(self) -> str:
        """Id of the DAG; `_in_memory_dag_` outside one."""
        return self.dag.dag_id if self.dag is not None else "_in_memory_dag_"


def as_nodes(other: Any, asked_by: DependencyMixin) -> list[DependencyMixin]:
    """The things in `other`: one, or a list of them, flattened one level."""
    things = list(other) if isinstance(other, list | tuple | set) else [other]
    for thing in things:
        if not isinstance(thing, DependencyMixin):
            kind = type(thing).__name__
            hint = (
                "use the task itself, not its id"
                if isinstance(thing, str)
                else "call it first"
                if callable(thing)
                else "it is not a task"
            )
            raise AttributeError(f"{_name(asked_by)} cannot be wired to {thing!r} ({kind}): {hint}")
    return things


def _name(node: DependencyMixin) -> str:
    node_id = getattr(node, "node_id", None)
    return f"task {node_id!r}" if node_id else type(node).__name__


def put(
    before: DependencyMixin, after: DependencyMixin, edge_modifier: "EdgeModifier | None" = None
) -> None:
    """Put one thing before another."""
    link(before.last_tasks(), after.first_tasks(), edge_modifier)
    before.note_edge(after, upstream=False)
    after.note_edge(before, upstream=True)


def link(
    upstream: Iterable["BaseOperator"],
    downstream: Iterable["BaseOperator"],
    edge_modifier: "EdgeModifier | None" = None,
) -> None:
    """Make every task of `upstream` come directly before every task of `downstream`."""
    before, after = list(upstream), list(downstream)
    if not before or not after:
        return
    dag = _one_dag([*before, *after])
    for task in (*before, *after):
        if task.dag is None:
            dag.add_task(task)
    for up in before:
        for down in after:
            up.downstream_task_ids.add(down.task_id)
            down.upstream_task_ids.add(up.task_id)
            if edge_modifier is not None:
                dag.set_edge_info(up.task_id, down.task_id, {"label": edge_modifier.label})


def _one_dag(tasks: list["BaseOperator"]) -> "DAG":
    dags = {id(task.dag): task.dag for task in tasks if task.dag is not None}
    if not dags:
        ids = ", ".join(sorted({task.task_id for task in tasks}))
        raise ValueError(
            f"tasks {ids} belong to no DAG: create them within `with DAG(...)`, or pass dag= to one"
        )
    if len(dags) > 1:
        ids = ", ".join(sorted(dag.dag_id for dag in dags.values()))
        raise RuntimeError(
            f"tasks of different DAGs ({ids}) cannot be wired together; "
            "an edge stays within one DAG"
        )
    (dag,) = dags.values()
    return dag

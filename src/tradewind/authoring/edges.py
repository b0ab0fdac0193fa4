"""Labels on edges: `a >> Label("when empty") >> b`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tradewind.authoring.node import DependencyMixin, PendingEdge, as_nodes

if TYPE_CHECKING:
    from tradewind.authoring.operator import BaseOperator


class EdgeModifier(PendingEdge):
    """Stands between two `>>` until both ends are known."""

    __module__ = "airflow.sdk.definitions.edges"

    def __init__(self, label: str | None = None) -> None:
        self.label = label
        self._upstream: list[DependencyMixin] = []
        self._downstream: list[DependencyMixin] = []

    @property
    def roots(self) -> Sequence["BaseOperator"]:
        return [task for node in self._upstream for task in node.roots]

    @property
    def leaves(self) -> Sequence["BaseOperator"]:
        return [task for node in self._downstream for task in node.leaves]

    def set_upstream(self, other: object, edge_modifier: "EdgeModifier | None" = None) -> None:
        self.take_upstream(as_nodes(other, self))

    def set_downstream(self, other: object, edge_modifier: "EdgeModifier | None" = None) -> None:
        self.take_downstream(as_nodes(other, self))

    def take_upstream(self, nodes: Sequence[DependencyMixin]) -> None:
        self._upstream.extend(nodes)
        for node in self._downstream:
            node.set_upstream(list(nodes), edge_modifier=self)

    def take_downstream(self, nodes: Sequence[DependencyMixin]) -> None:
        self._downstream.extend(nodes)
        for node in self._upstream:
            node.set_downstream(list(nodes), edge_modifier=self)


def Label(label: str) -> EdgeModifier:  # noqa: N802  the name users write
    """An edge's label."""
    return EdgeModifier(label)

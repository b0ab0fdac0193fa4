"""The tasks before and after a task: directly, and however far away."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tradewind.authoring.operator import BaseOperator


class Relatives:
    """What a task may ask of its place in the graph."""

    task_id: str
    dag: Any
    upstream_task_ids: set[str]
    downstream_task_ids: set[str]

    @property
    def upstream_list(self) -> list["BaseOperator"]:
        """The tasks directly before."""
        return self.get_direct_relatives(upstream=True)

    @property
    def downstream_list(self) -> list["BaseOperator"]:
        """The tasks directly after."""
        return self.get_direct_relatives(upstream=False)

    def get_direct_relative_ids(self, upstream: bool = False) -> set[str]:
        """Ids of the tasks directly before or after."""
        return self.upstream_task_ids if upstream else self.downstream_task_ids

    def get_direct_relatives(self, upstream: bool = False) -> list["BaseOperator"]:
        """The tasks directly before or after, by id."""
        if self.dag is None:
            raise RuntimeError(f"task {self.task_id!r} belongs to no DAG")
        return [self.dag.get_task(name) for name in sorted(self.get_direct_relative_ids(upstream))]

    def get_flat_relative_ids(
        self, *, upstream: bool = False, depth: int | None = None
    ) -> set[str]:
        """Ids of all tasks before or after, at most `depth` edges away. Raises ValueError for a
        depth below 0."""
        if depth is not None and depth < 0:
            raise ValueError(f"depth must be 0 or more levels, not {depth}")
        if self.dag is None:
            return set()
        found: set[str] = set()
        level = self.get_direct_relative_ids(upstream)
        while level and (depth is None or depth > 0):
            found |= level
            depth = None if depth is None else depth - 1
            further = (self.dag.get_task(name).get_direct_relative_ids(upstream) for name in level)
            level = set().union(*further) - found
        return found

    def get_flat_relatives(
        self, upstream: bool = False, depth: int | None = None
    ) -> list["BaseOperator"]:
        """All tasks before or after, at most `depth` edges away."""
        ids = self.get_flat_relative_ids(upstream=upstream, depth=depth)
        return [self.dag.get_task(name) for name in sorted(ids)] if self.dag is not None else []

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

    def get_flat_relative_ids(self, *, upstream: bool = False) -> set[str]:
        """Ids of all tasks before or after, however far away."""
        if self.dag is None:
            return set()
        found: set[str] = set()
        ahead = list(self.get_direct_relative_ids(upstream))
        while ahead:
            task_id = ahead.pop()
            if task_id not in found:
                found.add(task_id)
                ahead.extend(self.dag.get_task(task_id).get_direct_relative_ids(upstream))
        return found

    def get_flat_relatives(self, upstream: bool = False) -> list["BaseOperator"]:
        """All tasks before or after, however far away."""
        ids = self.get_flat_relative_ids(upstream=upstream)
        return [self.dag.get_task(name) for name in sorted(ids)] if self.dag is not None else []

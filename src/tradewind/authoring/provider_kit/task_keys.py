"""TaskInstanceKey: which try of which task instance."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class TaskInstanceKey(NamedTuple):
    """A try of a task instance."""

    dag_id: str
    task_id: str
    run_id: str
    try_number: int = 1
    map_index: int = -1

    @property
    def primary(self) -> tuple[str, str, str, int]:
        """The task instance, whichever try."""
        return self.dag_id, self.task_id, self.run_id, self.map_index

    @property
    def key(self) -> "TaskInstanceKey":
        """Itself."""
        return self

    def with_try_number(self, try_number: int) -> "TaskInstanceKey":
        """Another try of the same."""
        return self._replace(try_number=try_number)

    @classmethod
    def from_dict(cls, dictionary: Mapping[str, Any]) -> "TaskInstanceKey":
        """From its fields."""
        return cls(**dictionary)


TaskInstanceKey.__module__ = "airflow.models.taskinstancekey"

"""PriorityWeightStrategy: an author's own rule for how urgent a try is.

It is asked when the file is read (`asked_weights.py`), never by the scheduler.
"""

from abc import ABC, abstractmethod
from typing import Any


class PriorityWeightStrategy(ABC):
    """Subclasses say in `get_weight` how urgent a try is; an instance is given as `weight_rule`."""

    __module__ = "airflow.task.priority_strategy"

    @abstractmethod
    def get_weight(self, ti: Any) -> int:
        """The weight of a try to come, before which there were `ti.try_number`: more is sooner."""

    def serialize(self) -> dict[str, Any]:
        """Its arguments as JSON data; `deserialize` takes them back."""
        return {}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> "PriorityWeightStrategy":
        """The strategy that `serialize` gave `data` for."""
        return cls(**data)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.serialize() == other.serialize()

    def __hash__(self) -> int:
        return hash((type(self), repr(self.serialize())))

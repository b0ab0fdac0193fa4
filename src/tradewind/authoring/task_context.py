"""The context as a dict that asks for costly values, and warns of old names, when one is read."""

from collections.abc import Callable, Mapping
from typing import Any

from tradewind.authoring import old_context


class TaskContext(dict[str, Any]):
    """`context["prev_start_date_success"]` is the value itself, not what stands for it."""

    old: Callable[[], dict[str, Any]] | None = None
    """Makes what the context had in 1.10 and 2.x, for a DAG whose context has it no more."""

    def __getitem__(self, key: str) -> Any:
        return old_context.read(key, super().__getitem__(key))

    def __missing__(self, key: str) -> Any:
        if self.old is None or key not in old_context.UNMISTAKABLE:
            raise KeyError(key)
        return self.old()[key]

    def plus(self, more: Mapping[str, Any]) -> "TaskContext":
        """A copy with further things."""
        copy = TaskContext({**self, **more})
        copy.old = self.old
        return copy

    def get(self, key: str, default: Any = None) -> Any:
        """The value, else `default`."""
        if key in self or (self.old is not None and key in old_context.UNMISTAKABLE):
            return self[key]
        return default

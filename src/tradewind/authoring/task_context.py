"""The context as a dict that asks for costly values, and warns of old names, when one is read."""

from typing import Any

from tradewind.authoring import old_context


class TaskContext(dict[str, Any]):
    """`context["prev_start_date_success"]` is the value itself, not what stands for it."""

    def __getitem__(self, key: str) -> Any:
        return old_context.read(key, super().__getitem__(key))

    def get(self, key: str, default: Any = None) -> Any:
        """The value, else `default`."""
        return old_context.read(key, super().get(key, default))

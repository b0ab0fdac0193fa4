"""What a task is expanded over, item by item: the arguments of one of the many.

Everything here happens in the process of one task instance, which fetches its own items only.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tradewind.authoring.lazy import LazyModule

if TYPE_CHECKING:
    from tradewind.authoring import host, serde
    from tradewind.model import requests
else:
    host = LazyModule("tradewind.authoring.host")
    requests = LazyModule("tradewind.model.requests")
    serde = LazyModule("tradewind.authoring.serde")


def items_of(value: Any) -> Sequence[Any]:
    """The items of a list; (key, value) pairs of a dict. Raises ValueError for anything else."""
    if isinstance(value, Mapping):
        return list(value.items())
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
        return value
    raise ValueError(f"{type(value).__name__} has no items to go through: return a list or a dict")


def count_of(value: Any, context: Any) -> int:
    """How many items a list, a dict or the output of tasks has."""
    count = getattr(value, "count_items", None)
    return len(value) if count is None or isinstance(value, list | tuple) else int(count(context))


def item_of(value: Any, place: int, context: Any) -> Any:
    """One of them."""
    pick = getattr(value, "item", None)
    return items_of(value)[place] if pick is None else pick(place, context)


class Output:
    """The items of what a task pushed: of its list or dict, or the values of its instances."""

    def __init__(self, ti: Any, task_id: str, key: str) -> None:
        self._of = {"dag_id": ti.dag_id, "run_id": ti.run_id, "task_id": task_id, "key": key}

    def count(self) -> int:
        """How many there are."""
        answer = self._ask(0, 0)
        return len(self._whole(answer)) if "whole" in answer else int(answer["count"])

    def item(self, place: int) -> Any:
        """One of them. Raises IndexError where there are fewer."""
        answer = self._ask(place, place + 1)
        if "whole" in answer:
            return self._whole(answer)[place]
        if not answer["items"]:
            raise IndexError(
                f"task {self._of['task_id']!r} pushed {answer['count']} items; "
                f"there is no item {place}"
            )
        return serde.deserialize(answer["items"][0])

    def _ask(self, start: int, stop: int) -> Any:
        return host.current().ask(requests.XComItems(**self._of, start=start, stop=stop))

    def _whole(self, answer: Any) -> Sequence[Any]:
        return items_of(serde.deserialize(answer["whole"]))

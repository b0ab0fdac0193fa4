"""The values that the instances of a mapped task pushed, fetched as they are looked at."""

from collections.abc import Iterator, Sequence
from typing import Any

from tradewind.authoring import host, serde
from tradewind.model.requests import XComItems

_PAGE = 500


class LazyXComSequence(Sequence[Any]):
    """What a task gets as the output of a mapped task: a list whose items are not here yet.

    `list(values)` fetches all of them.
    """

    __module__ = "airflow.sdk.execution_time.lazy_sequence"

    def __init__(self, dag_id: str, run_id: str, task_id: str, key: str) -> None:
        self._of = {"dag_id": dag_id, "run_id": run_id, "task_id": task_id, "key": key}
        self._length: int | None = None

    def __len__(self) -> int:
        if self._length is None:
            self._fetch(0, 0)
        return self._length or 0

    def __iter__(self) -> Iterator[Any]:
        start = 0
        while page := self._fetch(start, start + _PAGE):
            yield from page
            start += len(page)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            places = range(*index.indices(len(self)))
            if not places:
                return []
            low, high = min(places), max(places) + 1
            found = self._fetch(low, high)
            return [found[place - low] for place in places]
        place = index + len(self) if index < 0 else index
        found = self._fetch(place, place + 1) if place >= 0 else []
        if not found:
            raise IndexError(index)
        return found[0]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str | bytes):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=False))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"LazyXComSequence of {self._of['task_id']!r}"

    def _fetch(self, start: int, stop: int) -> list[Any]:
        answer = host.current().ask(XComItems(**self._of, start=start, stop=stop))
        self._length = answer["count"]
        return [serde.deserialize(item) for item in answer["items"]]

"""Things to look at, each once, first come first served."""

from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Worklist(Generic[T]):
    """A queue that takes no thing twice."""

    __slots__ = ("_queue", "_queued")

    def __init__(self) -> None:
        self._queue: deque[T] = deque()
        self._queued: set[T] = set()

    def __bool__(self) -> bool:
        return bool(self._queue)

    def add(self, thing: T) -> None:
        """Have it looked at, unless it is waiting for that already."""
        if thing not in self._queued:
            self._queued.add(thing)
            self._queue.append(thing)

    def take(self) -> T:
        """Remove and return the first; only if there is one."""
        thing = self._queue.popleft()
        self._queued.discard(thing)
        return thing

"""Runs that wait to be started: those of a DAG, or of one backfill, up to a number at once."""

from heapq import heappop, heappush
from typing import Any, Protocol

from tradewind.model.states import RunState


class WaitingRun(Protocol):
    """All that is known here of a run: one that is not queued waits no longer."""

    state: RunState


class RunQueue:
    """Run slots and the runs that wait for one, first come by `order`."""

    __slots__ = ("_heap", "_tickets", "capacity", "held", "used")

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.used = 0
        self.held: str | None = None
        """Why none may start; None if they may."""
        self._heap: list[tuple[Any, int, Any]] = []
        self._tickets = 0

    def join(self, order: tuple[Any, ...], run: WaitingRun) -> None:
        """Let `run` wait."""
        self._tickets += 1
        heappush(self._heap, (order, self._tickets, run))

    def next_to_start(self) -> Any | None:
        """Remove and return the first run that may start now, its slot taken; None if none may."""
        while self._heap and self.held is None and self.used < self.capacity:
            run = heappop(self._heap)[2]
            if run.state is RunState.QUEUED:
                self.used += 1
                return run
        return None

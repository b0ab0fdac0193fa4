"""Virtual time: what is to happen and when, and a wall clock that may jump."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

START = datetime(2026, 1, 1, tzinfo=UTC)


class Agenda:
    """Things to do by a monotonic clock in seconds, which only moves when the next one is done."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.jumped = timedelta(0)
        """How far the wall clock has been put forward, or back."""
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._serial = 0

    def now(self) -> datetime:
        """What the wall clock shows."""
        return START + timedelta(microseconds=round(self.seconds * 1e6)) + self.jumped

    def after(self, delay_s: float, call: Callable[[], None]) -> None:
        """Make a call in `delay_s` seconds."""
        self._serial += 1
        heappush(self._heap, (self.seconds + max(0.0, delay_s), self._serial, call))

    def step(self, until_s: float) -> bool:
        """Do the next thing; False if there is none by then, and it is `until_s`."""
        if not self._heap or self._heap[0][0] > until_s:
            self.seconds = max(self.seconds, until_s)
            return False
        when, _, call = heappop(self._heap)
        self.seconds = max(self.seconds, when)
        call()
        return True

"""A single-threaded loop over descriptors and timers. Knows nothing of tasks."""

import heapq
import itertools
import selectors
import time
from collections.abc import Callable
from typing import Protocol


class HasFileno(Protocol):
    def fileno(self) -> int: ...


class Timer:
    """A call that is due at a time of the monotonic clock."""

    __slots__ = ("call",)

    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self.call = None


class Reactor:
    """`turn()` waits for the next readiness or timer and makes the calls that belong to it."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._writing: set[int] = set()
        self._timers: list[tuple[float, int, Timer]] = []
        self._serial = itertools.count()

    def watch(self, source: HasFileno, on_ready: Callable[[bool, bool], None]) -> None:
        """Call `on_ready(readable, writable)` whenever `source` is ready to be read."""
        self._selector.register(source.fileno(), selectors.EVENT_READ, on_ready)

    def want_write(self, source: HasFileno, wanted: bool) -> None:
        """Also call when `source` can be written, or no longer."""
        number = source.fileno()
        if wanted == (number in self._writing):
            return
        key = self._selector.get_key(number)
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if wanted else 0)
        self._selector.modify(number, events, key.data)
        (self._writing.add if wanted else self._writing.discard)(number)

    def forget(self, source: HasFileno) -> None:
        """Stop watching; before it is closed."""
        self._writing.discard(source.fileno())
        self._selector.unregister(source.fileno())

    def after(self, delay_s: float, call: Callable[[], None]) -> Timer:
        """Call once, `delay_s` from now, unless the timer is cancelled."""
        timer = Timer(call)
        heapq.heappush(self._timers, (time.monotonic() + delay_s, next(self._serial), timer))
        return timer

    def turn(self) -> None:
        """Wait, then handle everything that is ready or due."""
        for key, events in self._selector.select(self._wait_s()):
            # an earlier call of this turn may have closed it
            if self._selector.get_map().get(key.fd) == key:
                readable = bool(events & selectors.EVENT_READ)
                key.data(readable, bool(events & selectors.EVENT_WRITE))
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            _, _, timer = heapq.heappop(self._timers)
            if timer.call is not None:
                timer.call()

    def close(self) -> None:
        self._selector.close()

    def _wait_s(self) -> float | None:
        while self._timers and self._timers[0][2].call is None:
            heapq.heappop(self._timers)
        if not self._timers:
            return None
        return max(0.0, self._timers[0][0] - time.monotonic())

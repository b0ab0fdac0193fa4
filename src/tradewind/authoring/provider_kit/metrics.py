"""`Stats`: counters, gauges and timers, sent as StatsD datagrams if `[metrics] statsd_on` is set."""

import socket
import time
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from types import TracebackType
from typing import Any, Self

from tradewind.authoring.configuration import conf

Tags = Mapping[str, Any] | None


class _StatsD:
    """Where the datagrams go."""

    def __init__(self) -> None:
        self._address = (
            conf.get("metrics", "statsd_host", fallback="localhost"),
            conf.getint("metrics", "statsd_port", fallback=8125),
        )
        self._prefix = conf.get("metrics", "statsd_prefix", fallback="airflow")
        self._with_tags = conf.getboolean("metrics", "statsd_datadog_enabled", fallback=False)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def send(self, stat: str, value: str, tags: Tags) -> None:
        """One datagram. What cannot be delivered is lost, as StatsD has it."""
        text = f"{self._prefix}.{stat}:{value}"
        if self._with_tags and tags:
            text += "|#" + ",".join(f"{key}:{item}" for key, item in tags.items())
        try:
            self._socket.sendto(text.encode(), self._address)
        except OSError:  # the collector is away; metrics are not worth a task
            return


@cache
def _backend() -> _StatsD | None:
    return _StatsD() if conf.getboolean("metrics", "statsd_on", fallback=False) else None


def _send(stat: str | None, value: str, tags: Tags) -> None:
    backend = _backend()
    if backend is not None and stat:
        backend.send(stat, value, tags)


class Timer:
    """Measures its `with`, or from start() to stop(); `duration` is in milliseconds."""

    duration: float | None = None

    def __init__(self, stat: str | None, tags: Tags) -> None:
        self._stat, self._tags = stat, tags

    def start(self) -> Self:
        """Begin."""
        self._begun = time.perf_counter()
        return self

    def stop(self, send: bool = True) -> None:
        """End, and send the time."""
        self.duration = (time.perf_counter() - self._begun) * 1000
        if send:
            _send(self._stat, f"{self.duration:.3f}|ms", self._tags)

    __enter__ = start

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class Stats:
    """Metrics of user code."""

    __module__ = "airflow.sdk._shared.observability.metrics.stats"

    @staticmethod
    def incr(
        stat: str, count: int | None = 1, rate: float | None = 1, *, tags: Tags = None
    ) -> None:
        """Count up."""
        _send(stat, f"{1 if count is None else count}|c", tags)

    @staticmethod
    def decr(
        stat: str, count: int | None = 1, rate: float | None = 1, *, tags: Tags = None
    ) -> None:
        """Count down."""
        _send(stat, f"{-(1 if count is None else count)}|c", tags)

    @staticmethod
    def gauge(
        stat: str,
        value: float,
        rate: float | None = 1,
        delta: bool | None = False,
        *,
        tags: Tags = None,
    ) -> None:
        """Set a level, or with `delta` move it."""
        _send(stat, f"{value:+g}|g" if delta else f"{value:g}|g", tags)

    @staticmethod
    def timing(stat: str, dt: float | timedelta, *, tags: Tags = None) -> None:
        """A duration: milliseconds or a timedelta."""
        milliseconds = dt.total_seconds() * 1000 if isinstance(dt, timedelta) else dt
        _send(stat, f"{milliseconds:.3f}|ms", tags)

    @staticmethod
    def timer(stat: str | None = None, tags: Tags = None, **_: Any) -> Timer:
        """A timer for a `with`."""
        return Timer(stat, tags)


incr, decr, gauge, timing, timer = (
    Stats.incr,
    Stats.decr,
    Stats.gauge,
    Stats.timing,
    Stats.timer,
)

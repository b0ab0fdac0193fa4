"""Which data a run covers, and when it may start."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self


@dataclass(frozen=True, slots=True)
class DataInterval:
    """The stretch of data a run covers, `start` included and `end` not."""

    start: datetime
    end: datetime

    def __iter__(self) -> Iterator[datetime]:
        """`start, end = interval`, as authors write it."""
        yield self.start
        yield self.end

    @classmethod
    def exact(cls, at: datetime) -> Self:
        """No width, at a moment."""
        return cls(at, at)


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What a timetable says of one run: when it may start and which data it covers."""

    run_after: datetime
    data_interval: DataInterval | None = None

    @property
    def logical_date(self) -> datetime | None:
        return self.data_interval.start if self.data_interval else None

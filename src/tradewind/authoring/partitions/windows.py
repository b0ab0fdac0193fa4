"""Windows: the upstream keys that one downstream key is made of; and how many of them it needs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar

_WINDOWS = "airflow.sdk.definitions.partition_mappers.window"
_POLICIES = "airflow.sdk.definitions.partition_mappers.wait_policy"


class Window:
    """A stretch of keys, from its first one on (FORWARD) or up to its last one (BACKWARD)."""

    __module__ = _WINDOWS

    class Direction(Enum):
        """Which way the stretch goes from its key."""

        FORWARD = "forward"
        BACKWARD = "backward"

    expected_decoded_type: ClassVar[type] = str
    """What the keys are, once decoded."""

    def __init__(self, *, direction: "Window.Direction | str" = Direction.FORWARD) -> None:
        ways = [way.value for way in Window.Direction]
        if not isinstance(direction, Window.Direction) and direction not in ways:
            raise ValueError(
                f"{type(self).__name__}: direction must be one of {', '.join(ways)}, "
                f"not {direction!r}"
            )
        self.direction = Window.Direction(direction)

    def as_data(self) -> dict[str, Any]:
        """The window as data."""
        return {"kind": type(self).__name__, "direction": self.direction.value}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Window) and self.as_data() == other.as_data()

    def __hash__(self) -> int:
        return hash(repr(self.as_data()))


class _DatedWindow(Window):
    __module__ = _WINDOWS
    expected_decoded_type = datetime


class HourWindow(_DatedWindow):
    """The 60 minutes of an hour."""

    __module__ = _WINDOWS


class DayWindow(_DatedWindow):
    """The 24 hours of a day."""

    __module__ = _WINDOWS


class WeekWindow(_DatedWindow):
    """The 7 days of a week."""

    __module__ = _WINDOWS


class MonthWindow(_DatedWindow):
    """The days of a month."""

    __module__ = _WINDOWS


class QuarterWindow(_DatedWindow):
    """The 3 months of a quarter."""

    __module__ = _WINDOWS


class YearWindow(_DatedWindow):
    """The 12 months of a year."""

    __module__ = _WINDOWS


class SegmentWindow(Window):
    """A fixed set of keys."""

    __module__ = _WINDOWS

    def __init__(self, segments: Iterable[str]) -> None:
        super().__init__()
        keys = list(segments)
        for key in keys:
            if not isinstance(key, str) or not key:
                raise ValueError(f"SegmentWindow: a key is text, not {key!r}")
        self.segments = frozenset(keys)
        if not self.segments:
            raise ValueError("SegmentWindow needs at least one key")

    def as_data(self) -> dict[str, Any]:
        return {"kind": type(self).__name__, "segments": sorted(self.segments)}


class WaitPolicy:
    """How many keys of a window must be there."""

    __module__ = _POLICIES


@dataclass(frozen=True)
class WaitForAll(WaitPolicy):
    """All of them."""


@dataclass(frozen=True)
class MinimumCount(WaitPolicy):
    """At least `n`; a negative `n` says how many may be missing."""

    n: int

    def __post_init__(self) -> None:
        if self.n == 0:
            raise ValueError(
                "MinimumCount(0) would hold with no key at all: write WaitForAll() for every key, "
                "or a number other than 0"
            )


WaitForAll.__module__ = MinimumCount.__module__ = _POLICIES

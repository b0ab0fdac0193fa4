"""What is asked of a timetable whose class is the author's, and what it says.

Only the process that reads DAG files can answer: the scheduler never runs the author's code.
"""

from dataclasses import dataclass
from datetime import datetime

from tradewind.model.intervals import DataInterval, RunInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class TimetableQuestion:
    """Which runs follow `last`; or, with `manual_for`, which data a run asked for then covers."""

    manual_for: datetime | None = None
    last: DataInterval | None = None
    """What the latest run of the schedule covered; None before the first."""
    earliest: datetime | None = None
    latest: datetime | None = None
    catchup: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TimetableAnswer:
    """Its answer to one question."""

    runs: tuple[RunInfo, ...] = ()
    """One after the other as far as they are known, or the one manual run."""
    are_all: bool = False
    """No run follows the last of these."""
    error: str | None = None
    """What the author's code raised instead; one line."""

"""What every timetable answers: which run is next, and which data a manual run covers.

Calendar arithmetic only: "now" is an argument, moments come and go in UTC.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from tradewind.model.intervals import DataInterval, RunInfo
from tradewind.model.plan import ScheduleSpec
from tradewind.model.timetable_questions import TimetableAnswer, TimetableQuestion


def exact(moment: datetime) -> RunInfo:
    """A run at a moment, covering an interval of no width."""
    return RunInfo(moment, DataInterval(moment, moment))


def covered_until(last: RunInfo) -> datetime:
    """Where the run after `last` takes up."""
    return last.data_interval.end if last.data_interval else last.run_after


class Timetable(ABC):
    """When a DAG is due."""

    kind: ClassVar[str]
    """Its name in a ScheduleSpec."""
    periodic: ClassVar[bool] = True
    """True if an interval of dates names its runs, so that a backfill can make them."""
    partitioned_at_runtime: ClassVar[bool] = False
    """True if a run's task says for which keys the run was."""
    follows_now: ClassVar[bool] = False
    """True if the next run is worked out when it is made, not when the one before it was."""

    @property
    def can_be_scheduled(self) -> bool:
        """False if it never makes a run by itself."""
        return True

    @property
    @abstractmethod
    def summary(self) -> str | None:
        """The schedule in short, as lists show it."""

    @property
    def description(self) -> str:
        """The schedule in words; empty where there are none."""
        return ""

    @abstractmethod
    def next_run(
        self,
        *,
        last: RunInfo | None,
        earliest: datetime | None,
        latest: datetime | None,
        catchup: bool,
        now: datetime,
    ) -> RunInfo | None:
        """The run after `last`, not before `earliest` and not after `latest`, or None.

        Without `catchup` what was missed before `now` is left out, but for the latest.
        """

    @abstractmethod
    def manual_interval(self, *, run_after: datetime) -> DataInterval | None:
        """The data that a run asked for at `run_after` covers."""

    def previous(self, moment: datetime) -> datetime | None:
        """The logical date before `moment`, where dates follow each other without end; else None."""
        return None

    def tell(  # noqa: B027 - not abstract: most have nothing to be told
        self, question: TimetableQuestion, answer: TimetableAnswer
    ) -> None:
        """Take what the author's code answered, where it is asked."""

    @abstractmethod
    def args(self) -> dict[str, Any]:
        """Its arguments as JSON data; `from_args` takes them back."""

    @classmethod
    @abstractmethod
    def from_args(cls, args: dict[str, Any]) -> Self:
        """The timetable that `args` describe."""

    def runs_between(self, start: datetime, end: datetime) -> Iterator[RunInfo]:
        """Every scheduled run of a DAG that starts at `start` and ends at `end`."""
        last: RunInfo | None = None
        while True:
            info = self.next_run(last=last, earliest=start, latest=end, catchup=True, now=end)
            if info is None or (info.logical_date or info.run_after) > end:
                return  # an author's own may not look at `latest`
            yield info
            last = info

    # --- Airflow's spelling: only authors' subclasses call these, and only there a clock is read ---

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: Any
    ) -> Any:
        """The run after that which covered `last_automated_data_interval`, or None; `restriction`
        has `earliest`, `latest` and `catchup`. Moments may be pendulum's."""
        last = None
        if last_automated_data_interval is not None:
            start, end = (_plain(moment) for moment in last_automated_data_interval)
            last = RunInfo(end, DataInterval(start, end))
        return self.next_run(
            last=last,
            earliest=restriction.earliest and _plain(restriction.earliest),
            latest=restriction.latest and _plain(restriction.latest),
            catchup=restriction.catchup,
            now=datetime.now(UTC),
        )

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval | None:
        """The data that a run asked for at `run_after` covers."""
        return self.manual_interval(run_after=_plain(run_after))

    def to_spec(self) -> ScheduleSpec:
        """This timetable as data."""
        return ScheduleSpec(self.kind, self.args(), self.summary, self.description or None)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Timetable):
            return NotImplemented
        return (self.kind, self.args()) == (other.kind, other.args())

    def __hash__(self) -> int:
        return hash((self.kind, repr(self.args())))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.summary}>"


def _plain(moment: datetime) -> datetime:
    """In UTC, as Python's own class: pendulum's computes in ways of its own."""
    utc = moment.astimezone(UTC)
    fields = (utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, utc.microsecond)
    return datetime(*fields, tzinfo=UTC)

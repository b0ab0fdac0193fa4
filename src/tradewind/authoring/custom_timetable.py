"""Timetable: the base of authors' own, and the words in which it is asked and answers.

It loads, and runs of its DAG are refused for now.
"""

import json
from datetime import datetime
from typing import Any, NamedTuple, Self

from tradewind.model.errors import InvalidSchedule
from tradewind.model.plan import ScheduleSpec
from tradewind.model.snapshots import DataInterval, RunInfo
from tradewind.timetables import base
from tradewind.timetables.custom import CustomTimetable
from tradewind.timetables.specs import KINDS

_HOME = "airflow.timetables.base"


class TimeRestriction(NamedTuple):
    """Between which moments runs may be, and whether missed ones are made up for."""

    earliest: datetime | None
    latest: datetime | None
    catchup: bool


class DagRunInfo(NamedTuple):
    """One run: when it may start, and which data it covers."""

    run_after: datetime
    data_interval: DataInterval | None
    partition_date: datetime | None = None
    partition_key: str | None = None

    @classmethod
    def exact(cls, at: datetime) -> Self:
        """A run at a moment, covering an interval of no width."""
        return cls(at, DataInterval(at, at))

    @classmethod
    def interval(cls, start: datetime, end: datetime) -> Self:
        """A run at the end of the data that it covers."""
        return cls(end, DataInterval(start, end))

    @property
    def logical_date(self) -> datetime | None:
        """The start of the data, if there are any."""
        return self.data_interval.start if self.data_interval else None


for _word in (TimeRestriction, DagRunInfo):
    _word.__module__ = _HOME


class Timetable(base.Timetable):
    """Subclasses say which run is next and which data a manual run covers."""

    __module__ = _HOME

    kind = CustomTimetable.kind
    can_be_scheduled: bool = True
    run_ordering: tuple[str, ...] = ("data_interval_end", "logical_date")
    active_runs_limit: int | None = None
    asset_condition: Any = None

    @property
    def summary(self) -> str | None:
        """The schedule in short: the class's name."""
        return type(self).__name__

    def next_dagrun_info(
        self,
        *,
        last_automated_data_interval: DataInterval | None,
        restriction: TimeRestriction,
    ) -> DagRunInfo | None:
        """The run after that which covered `last_automated_data_interval`, or None."""
        raise NotImplementedError(f"{type(self).__name__} has no next_dagrun_info method")

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        """The data that a run asked for at `run_after` covers."""
        raise NotImplementedError(f"{type(self).__name__} has no infer_manual_data_interval method")

    def serialize(self) -> dict[str, Any]:
        """Its arguments as JSON data; `deserialize` takes them back."""
        return {}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> "Timetable":
        """The timetable that `serialize` gave `data` for."""
        return cls(**data)

    def validate(self) -> None:
        """Raise AirflowTimetableInvalid for a schedule that cannot be followed."""

    # --- what every timetable answers -------------------------------------------------------

    def next_run(
        self,
        *,
        last: RunInfo | None,
        earliest: datetime | None,
        latest: datetime | None,
        catchup: bool,
        now: datetime,
    ) -> RunInfo | None:
        found = self.next_dagrun_info(
            last_automated_data_interval=last.data_interval if last else None,
            restriction=TimeRestriction(earliest, latest, catchup),
        )
        return None if found is None else RunInfo(found.run_after, found.data_interval)

    def manual_interval(self, *, run_after: datetime) -> DataInterval | None:
        return self.infer_manual_data_interval(run_after=run_after)

    def args(self) -> dict[str, Any]:
        return self.serialize()

    @classmethod
    def from_args(cls, args: dict[str, Any]) -> Self:
        return cls.deserialize(args)  # type: ignore[return-value]


def spec_of(timetable: base.Timetable) -> ScheduleSpec:
    """A timetable as data. An author's subclass, also of one of ours, is named, not copied."""
    cls = type(timetable)
    if KINDS.get(timetable.kind) is cls or "only_spells_its_base" in vars(cls):
        return timetable.to_spec()
    data = timetable.serialize() if isinstance(timetable, Timetable) else timetable.args()
    try:
        json.dumps(data)
    except (TypeError, ValueError) as error:
        raise InvalidSchedule(
            f"{cls.__qualname__}: its serialize method must give JSON data: {error}"
        ) from None
    named = CustomTimetable(f"{cls.__module__}.{cls.__qualname__}", data)
    return ScheduleSpec(named.kind, named.args(), timetable.summary, timetable.description or None)

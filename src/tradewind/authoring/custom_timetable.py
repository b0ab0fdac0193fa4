"""Timetable: the base of authors' own, the words in which it is asked and answers, and
`answer_question`, which puts the scheduler's questions to one in the process that reads its file.
"""

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

from tradewind.authoring.run_facts import moment
from tradewind.model.errors import InvalidSchedule
from tradewind.model.intervals import DataInterval, RunInfo
from tradewind.model.plan import ScheduleSpec
from tradewind.model.timetable_questions import TimetableAnswer, TimetableQuestion
from tradewind.timetables import AssetOrTimeTimetable, base
from tradewind.timetables.custom import CustomTimetable
from tradewind.timetables.specs import KINDS

_HOME = "airflow.timetables.base"
MOST_RUNS = 1000
"""Runs that one answer names at most."""


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
            restriction=TimeRestriction(moment(earliest), moment(latest), catchup),
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
    if isinstance(timetable, AssetOrTimeTimetable) and is_own(timetable.timetable):
        named = _named(timetable.timetable)
        return AssetOrTimeTimetable(timetable.expression, named).to_spec()
    if not is_own(timetable):
        return timetable.to_spec()
    named = _named(timetable)
    return ScheduleSpec(named.kind, named.args(), timetable.summary, timetable.description or None)


def own_of(timetable: base.Timetable) -> base.Timetable | None:
    """The timetable of an author's own class that a schedule is or has; None for ours."""
    if isinstance(timetable, AssetOrTimeTimetable):
        timetable = timetable.timetable
    return timetable if is_own(timetable) else None


def is_own(timetable: base.Timetable) -> bool:
    """Whether its class is the author's."""
    cls = type(timetable)
    return KINDS.get(timetable.kind) is not cls and "only_spells_its_base" not in vars(cls)


def _named(timetable: base.Timetable) -> CustomTimetable:
    cls = type(timetable)
    data = timetable.serialize() if isinstance(timetable, Timetable) else timetable.args()
    try:
        json.dumps(data)
    except (TypeError, ValueError) as error:
        raise InvalidSchedule(
            f"{cls.__qualname__}: its serialize method must give JSON data: {error}"
        ) from None
    return CustomTimetable(
        f"{cls.__module__}.{cls.__qualname__}",
        data,
        periodic=bool(timetable.periodic),
        can_be_scheduled=bool(timetable.can_be_scheduled),
    )


def answer_question(
    timetable: base.Timetable, question: TimetableQuestion, until: datetime | None = None
) -> TimetableAnswer:
    """What the author's code says: all runs that are due by now and the next (without catchup the
    next alone), or with `until` all up to then. An exception of that code is an answer too.
    """
    try:
        if question.manual_for is not None:
            at = question.manual_for
            interval = timetable.infer_manual_data_interval(run_after=_as_authors_get_it(at))
            return TimetableAnswer(runs=(RunInfo(at, _plain_interval(interval)),))
        return _next_runs(timetable, question, until)
    except Exception as error:  # whatever the author's code raises
        said = " ".join(str(error).split())
        return TimetableAnswer(error=f"{type(error).__name__}: {said}" if said else repr(error))


def _next_runs(
    timetable: base.Timetable, question: TimetableQuestion, until: datetime | None
) -> TimetableAnswer:
    most = 1 if until is None and not question.catchup else MOST_RUNS
    until = until or datetime.now(UTC)
    restriction = TimeRestriction(
        moment(question.earliest), moment(question.latest), question.catchup
    )
    runs: list[RunInfo] = []
    last = question.last
    while len(runs) < most:
        found = timetable.next_dagrun_info(
            last_automated_data_interval=None
            if last is None
            else DataInterval(_as_authors_get_it(last.start), _as_authors_get_it(last.end)),
            restriction=restriction,
        )
        if found is None:
            return TimetableAnswer(runs=tuple(runs), are_all=True)
        info = RunInfo(_plain(found.run_after), _plain_interval(found.data_interval))
        covered = info.data_interval or DataInterval.exact(info.run_after)
        if covered == last:
            raise ValueError(f"next_dagrun_info gives the same run again, of {covered.start}")
        runs.append(info)
        last = covered
        if info.run_after > until:
            break
    return TimetableAnswer(runs=tuple(runs))


def _as_authors_get_it(at: datetime) -> datetime:
    value: datetime | None = moment(at)
    assert value is not None
    return value


def _plain_interval(interval: Any) -> DataInterval | None:
    return None if interval is None else DataInterval(_plain(interval.start), _plain(interval.end))


def _plain(value: Any) -> datetime:
    """A moment without what pendulum adds. Raises TypeError or ValueError for what is none."""
    if not isinstance(value, datetime):
        raise TypeError(f"{value!r} is not a date with a time")
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return datetime.fromtimestamp(0, UTC) + (value - datetime.fromtimestamp(0, UTC))


def coerce_to_core_timetable(obj: Any) -> Any:
    """The timetable itself: there are not two kinds, one for files and one for the scheduler."""
    return obj

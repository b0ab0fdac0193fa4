"""Timetables of DAGs that wait for assets: core makes their runs when events come, not the clock."""

from datetime import datetime
from typing import Any, Self

from tradewind.model.intervals import DataInterval, RunInfo
from tradewind.model.plan import ScheduleSpec
from tradewind.model.timetable_questions import TimetableAnswer, TimetableQuestion
from tradewind.timetables.base import Timetable
from tradewind.timetables.time_kinds import timetable_of_time

Expression = dict[str, Any]
"""A condition on assets: {"asset": {"name", "uri", "group"}}, {"alias": {"name", "group"}},
{"asset_ref": {"name"} or {"uri"}}, {"all": [...]} or {"any": [...]}."""


class AssetTriggeredTimetable(Timetable):
    """A run whenever the condition on assets holds anew."""

    kind = "asset_triggered"
    periodic = False
    summary = "Asset"
    description = "Triggered by assets"

    def __init__(self, expression: Expression) -> None:
        self.expression = expression

    @property
    def can_be_scheduled(self) -> bool:
        return False

    def next_run(
        self,
        *,
        last: RunInfo | None,
        earliest: datetime | None,
        latest: datetime | None,
        catchup: bool,
        now: datetime,
    ) -> RunInfo | None:
        return None

    def manual_interval(self, *, run_after: datetime) -> DataInterval | None:
        return DataInterval(run_after, run_after)

    def args(self) -> dict[str, Any]:
        return {"assets": self.expression}

    @classmethod
    def from_args(cls, args: dict[str, Any]) -> Self:
        return cls(args["assets"])


class AssetOrTimeTimetable(Timetable):
    """The runs of another timetable, and a run whenever the condition on assets holds anew."""

    kind = "asset_or_time"

    def __init__(self, expression: Expression, timetable: Timetable) -> None:
        self.expression = expression
        self.timetable = timetable

    @property
    def periodic(self) -> bool:  # type: ignore[override]
        """Whether the clock's runs are."""
        return self.timetable.periodic

    @property
    def can_be_scheduled(self) -> bool:
        return self.timetable.can_be_scheduled

    @property
    def summary(self) -> str:
        return f"Asset or {self.timetable.summary}"

    @property
    def description(self) -> str:
        return f"Triggered by assets or {self.timetable.description or self.timetable.summary}"

    def next_run(
        self,
        *,
        last: RunInfo | None,
        earliest: datetime | None,
        latest: datetime | None,
        catchup: bool,
        now: datetime,
    ) -> RunInfo | None:
        return self.timetable.next_run(
            last=last, earliest=earliest, latest=latest, catchup=catchup, now=now
        )

    def manual_interval(self, *, run_after: datetime) -> DataInterval | None:
        return self.timetable.manual_interval(run_after=run_after)

    def tell(self, question: TimetableQuestion, answer: TimetableAnswer) -> None:
        self.timetable.tell(question, answer)

    def args(self) -> dict[str, Any]:
        spec = self.timetable.to_spec()
        return {"assets": self.expression, "timetable": {"kind": spec.kind, "args": spec.args}}

    @classmethod
    def from_args(cls, args: dict[str, Any]) -> Self:
        inner = args["timetable"]
        spec = ScheduleSpec(inner["kind"], inner["args"])
        return cls(args["assets"], timetable_of_time(spec))

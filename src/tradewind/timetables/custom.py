"""A timetable whose class is the author's: its answers are asked for, and never worked out here.

It knows what it has been told. Asked something else it raises NotToldYet with the question, which
somebody else has to put to the author's code (`loading`); `tell` takes the answer.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, Self

from tradewind.model.errors import InvalidSchedule
from tradewind.model.intervals import DataInterval, RunInfo
from tradewind.model.timetable_questions import TimetableAnswer, TimetableQuestion
from tradewind.timetables.base import Timetable

MOST_KEPT = 20_000
"""Answers that are remembered; what is forgotten is asked for again."""


class NotToldYet(Exception):
    """The answer to `question` is needed and not known."""

    def __init__(self, question: TimetableQuestion) -> None:
        super().__init__(f"the author's timetable has not been asked yet: {question}")
        self.question = question


class CustomTimetable(Timetable):
    """Stands for one wherever user code must not run."""

    kind = "custom"
    description = "A timetable of the author's own"

    def __init__(
        self,
        path: str,
        data: dict[str, Any],
        *,
        periodic: bool = True,
        can_be_scheduled: bool = True,
    ) -> None:
        """`path`: module and class; `data`: what its `serialize` gave."""
        self.path = path
        self.data = data
        self._is_periodic = periodic
        self._can_be_scheduled = can_be_scheduled
        self._told: dict[TimetableQuestion, RunInfo | InvalidSchedule | None] = {}

    @property
    def periodic(self) -> bool:  # type: ignore[override]
        """Whether its author says so."""
        return self._is_periodic

    @property
    def can_be_scheduled(self) -> bool:
        return self._can_be_scheduled

    @property
    def summary(self) -> str:
        return self.path.rpartition(".")[2]

    def next_run(
        self,
        *,
        last: RunInfo | None,
        earliest: datetime | None,
        latest: datetime | None,
        catchup: bool,
        now: datetime,
    ) -> RunInfo | None:
        """As every timetable. Raises NotToldYet, or InvalidSchedule if the author's code failed."""
        return self._answer(
            TimetableQuestion(
                last=None if last is None else _covered(last),
                earliest=earliest,
                latest=latest,
                catchup=catchup,
            )
        )

    def manual_interval(self, *, run_after: datetime) -> DataInterval | None:
        """As every timetable. Raises NotToldYet, or InvalidSchedule if the author's code failed."""
        info = self._answer(TimetableQuestion(manual_for=run_after))
        return None if info is None else info.data_interval

    def tell(self, question: TimetableQuestion, answer: TimetableAnswer) -> None:
        if len(self._told) > MOST_KEPT:
            self._told.clear()
        if answer.error is not None:
            self._told[question] = InvalidSchedule(f"{self.path}: {answer.error}")
            return
        for info in answer.runs:
            self._told[question] = info
            question = replace(question, last=_covered(info))
        if answer.are_all:
            self._told[question] = None

    def _answer(self, question: TimetableQuestion) -> RunInfo | None:
        try:
            told = self._told[question]
        except KeyError:
            raise NotToldYet(question) from None
        if isinstance(told, InvalidSchedule):
            raise told
        return told

    def args(self) -> dict[str, Any]:
        said = {"periodic": self._is_periodic, "can_be_scheduled": self._can_be_scheduled}
        return {
            "path": self.path,
            "data": self.data,
            **{name: value for name, value in said.items() if not value},
        }

    @classmethod
    def from_args(cls, args: dict[str, Any]) -> Self:
        return cls(**args)


def _covered(info: RunInfo) -> DataInterval:
    return info.data_interval or DataInterval.exact(info.run_after)

"""WeekDay: the days of the week, Monday is 1."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Any


class WeekDay(IntEnum):
    """A day as ISO numbers it."""

    MONDAY = 1
    TUESDAY = 2
    WEDNESDAY = 3
    THURSDAY = 4
    FRIDAY = 5
    SATURDAY = 6
    SUNDAY = 7

    @classmethod
    def get_weekday_number(cls, week_day_str: str) -> int:
        """The number of a day by its English name, in any case. Raises AttributeError."""
        name = week_day_str.upper()
        if name not in cls.__members__:
            raise AttributeError(f"there is no day {week_day_str!r}: use {', '.join(_NAMES)}")
        return int(cls[name])

    @classmethod
    def convert(cls, day: "str | WeekDay") -> int:
        """The number of a day or of its name."""
        return cls.get_weekday_number(day) if isinstance(day, str) else int(day)

    @classmethod
    def validate_week_day(cls, week_day: Any) -> set[int]:
        """The numbers of a day or of several. Raises TypeError for anything else."""
        if isinstance(week_day, cls):
            return {int(week_day)}
        if isinstance(week_day, str):
            return {cls.convert(week_day)}
        if isinstance(week_day, Iterable):
            return {cls.convert(day) for day in week_day}
        raise TypeError(f"week_day must be a name, a WeekDay or a set of them, not {week_day!r}")


_NAMES = [day.name.title() for day in WeekDay]
WeekDay.__module__ = "airflow.providers.standard.utils.weekday"

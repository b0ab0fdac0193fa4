"""A timetable whose class is the author's: its answers are asked for, and never worked out here."""

from typing import Any, Self

from tradewind.timetables.simple import NullTimetable


class CustomTimetable(NullTimetable):
    """Stands for one wherever user code must not run. Makes no run by itself."""

    kind = "custom"
    description = "A timetable of the author's own"

    def __init__(self, path: str, data: dict[str, Any]) -> None:
        """`path`: module and class; `data`: what its `serialize` gave."""
        self.path = path
        self.data = data

    def args(self) -> dict[str, Any]:
        return {"path": self.path, "data": self.data}

    @classmethod
    def from_args(cls, args: dict[str, Any]) -> Self:
        return cls(args["path"], args["data"])

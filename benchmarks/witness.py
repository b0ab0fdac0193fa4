"""What the tasks themselves wrote down, and whether the engine's records agree with it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Mark:
    """One execution of one task, by its own clock (ns since 1970)."""

    dag_id: str
    run_id: str
    task_id: str
    pid: int
    start: int
    end: int

    @property
    def key(self) -> tuple[str, str, str]:
        return self.dag_id, self.run_id, self.task_id


class Witness:
    """Reads the tasks' file as it grows."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("rb")
        self._rest = b""
        self.marks: list[Mark] = []

    def close(self) -> None:
        """Read no more."""
        self._file.close()

    def look(self) -> int:
        """How many there are by now."""
        if block := self._file.read():
            *lines, self._rest = (self._rest + block).split(b"\n")
            self.marks.extend(map(_mark, lines))
        return len(self.marks)

    def of(self, run_ids: Iterable[str]) -> list[Mark]:
        """Those of some runs, by their start."""
        wanted = set(run_ids)
        found = [mark for mark in self.marks if mark.run_id in wanted]
        return sorted(found, key=lambda mark: mark.start)


def _mark(line: bytes) -> Mark:
    dag_id, run_id, task_id, *numbers = line.decode().split()
    return Mark(dag_id, run_id, task_id, *map(int, numbers))


def missing_or_doubled(marks: list[Mark], records: list[dict[str, Any]]) -> list[str]:
    """In words which tasks did not run exactly once as recorded; empty if all did. Nothing can be
    said of an empty task, which runs no code."""
    seen = Counter(mark.key for mark in marks)
    recorded = {key_of(record) for record in records if record["state"] == "success"}
    wrong = {
        "ran twice": [key for key, times in seen.items() if times > 1],
        "ran, not recorded as success": [key for key in seen if key not in recorded],
        "recorded, did not run": [
            key_of(record)
            for record in records
            if "Python" in record["operator"] and key_of(record) not in seen
        ],
    }
    return [f"{what}: {len(keys)}, such as {keys[0]}" for what, keys in wrong.items() if keys]


def key_of(record: dict[str, Any]) -> tuple[str, str, str]:
    """Whose record it is."""
    return record["dag_id"], record["dag_run_id"], record["task_id"]


def offsets_ms(marks: list[Mark], records: list[dict[str, Any]]) -> tuple[list[float], list[float]]:
    """For each task how long before its own start the recorded one is, and how long after its own
    end: never less than nothing if the records are true."""
    by_key = {mark.key: mark for mark in marks}
    both = [
        (
            mark.start / 1e6 - milliseconds(record["start_date"]),
            milliseconds(record["end_date"]) - mark.end / 1e6,
        )
        for record in records
        if (mark := by_key.get(key_of(record)))
    ]
    return [start for start, _ in both], [end for _, end in both]


def milliseconds(text: str) -> float:
    """A date of the API, since 1970."""
    return datetime.fromisoformat(text).timestamp() * 1000

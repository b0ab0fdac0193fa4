"""How long a forecast takes each task to run: what was given, else what history says, else a guess."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from tradewind.model.keys import TaskKey

GUESS_S = 60.0


@dataclass(frozen=True, slots=True)
class Durations:
    """Seconds by (dag_id, task_id)."""

    given: Mapping[tuple[str, str | None], float] = field(default_factory=dict)
    """What the user says; with None for every task of a DAG."""
    known: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """What tasks took so far."""
    otherwise_s: float = GUESS_S

    def of(self, key: TaskKey) -> timedelta:
        """How long a try of this task instance takes."""
        task = (key.dag_id, key.task_id)
        for seconds in (
            self.given.get(task),
            self.given.get((key.dag_id, None)),
            self.known.get(task),
        ):
            if seconds is not None:
                return timedelta(seconds=seconds)
        return timedelta(seconds=self.otherwise_s)

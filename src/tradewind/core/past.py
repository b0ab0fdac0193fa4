"""The run before: which run a run follows, and what became of a task in it (`depends_on_past`).

The run before is the one of the same DAG with the latest earlier logical date; for one that catches
up, runs made by hand do not count. Runs without a logical date have none before them.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from tradewind.model.keys import RunKey
from tradewind.model.states import RunType, TaskState

FINE = frozenset({TaskState.SUCCESS, TaskState.SKIPPED})
"""What a task that looks back wants to find."""


class Past:
    """The run before one run."""

    __slots__ = ("_states", "date", "key", "run")

    def __init__(self, run: Any) -> None:
        self.key: RunKey = run.key
        self.date: datetime = run.logical_date
        self.run = run
        """The run itself while it is in memory; then None, and what it had come to is kept."""
        self._states: dict[str, frozenset[TaskState]] = {}

    def states_of(self, task_id: str) -> frozenset[TaskState]:
        """The states that instances of a task are in; empty if there are none."""
        known = self._states.get(task_id)
        if known is None:
            known = frozenset() if self.run is None else _states_in(self.run, task_id)
            self._states[task_id] = known
        return known

    def forget(self, task_id: str) -> None:
        """An instance of a task has changed its state."""
        self._states.pop(task_id, None)

    def freeze(self, task_ids: Iterable[str]) -> None:
        """Keep what became of these tasks: the run leaves memory."""
        self._states = {task_id: _states_in(self.run, task_id) for task_id in task_ids}
        self.run = None

    def thaw(self, run: Any) -> None:
        """The run is in memory again."""
        self.run = run
        self._states = {}


def _states_in(run: Any, task_id: str) -> frozenset[TaskState]:
    place = run.index.by_id.get(task_id)
    return frozenset() if place is None else frozenset(task.state for task in run.at(place))


class Succession:
    """The runs of one DAG that are in memory, in the order of their logical dates."""

    __slots__ = ("_dated", "_runs", "followers")

    def __init__(self) -> None:
        self._dated: list[tuple[datetime, str]] = []
        self._runs: dict[str, Any] = {}
        self.followers: dict[RunKey, list[Any]] = {}
        """The runs that come right after one, by its key."""

    def enter(self, run: Any) -> list[Any]:
        """A run comes into memory; those runs that follow another one now."""
        if run.logical_date is None or run.key.run_id in self._runs:
            return []
        for follower in self.followers.get(run.key, ()):
            follower.past.thaw(run)
        place = (run.logical_date, run.key.run_id)
        insort(self._dated, place)
        self._runs[run.key.run_id] = run
        self._follow(run, self._before(run))
        moved = []
        for later in self._after(place):
            if later.past is not None and later.past.date > run.logical_date:
                break
            if _counts(run, later) and (later.past is None or later.past.date < run.logical_date):
                self._follow(later, run)
                moved.append(later)
        return moved

    def leave(self, run: Any) -> None:
        """A finished run leaves memory; those after it remember what it had come to."""
        if self._runs.pop(run.key.run_id, None) is None:
            return
        del self._dated[bisect_left(self._dated, (run.logical_date, run.key.run_id))]
        for follower in self.followers.get(run.key, ()):
            follower.past.freeze({*follower.index.looks_at, *follower.dag.index.looks_at})
        self._follow(run, None)

    def _follow(self, run: Any, before: Any) -> None:
        if run.past is not None:
            followers = self.followers[run.past.key]
            followers.remove(run)
            if not followers:
                del self.followers[run.past.key]
        run.past = None
        if before is not None:
            run.past = Past(before)
            self.followers.setdefault(before.key, []).append(run)

    def repin(self, run: Any) -> None:
        """A run in memory has another version."""
        if run.key.run_id not in self._runs:
            return
        before = self._before(run)
        past = run.past
        is_away = past is not None and past.run is None
        if not is_away or (before is not None and before.logical_date > past.date):
            self._follow(run, before)

    def _before(self, run: Any) -> Any:
        at = bisect_left(self._dated, (run.logical_date, ""))
        while at:
            at -= 1
            earlier = self._runs[self._dated[at][1]]
            if _counts(earlier, run):
                return earlier
        return None

    def _after(self, place: tuple[datetime, str]) -> Iterator[Any]:
        at = bisect_left(self._dated, place) + 1
        return (self._runs[run_id] for _, run_id in self._dated[at:])


def _counts(earlier: Any, run: Any) -> bool:
    """Whether an earlier run can be the one before a run."""
    return earlier.run_type is not RunType.MANUAL or not run.index.plan.catchup

"""How the tasks upstream of a join ended, counted once for all tasks that share it.

Tasks of one trigger rule that are directly downstream of the very same tasks are one join. When a
task ends, one counter moves for each join it is upstream of, however many tasks are behind it: two
layers of 100 tasks, each connected with each, are 10,000 edges and one join.
"""

from tradewind.core.rules import Counts
from tradewind.model.states import FINISHED, TaskState

_COUNTED = {
    TaskState.SUCCESS: 0,
    TaskState.SKIPPED: 1,
    TaskState.FAILED: 2,
    TaskState.UPSTREAM_FAILED: 3,
    TaskState.REMOVED: 4,
}


class UpstreamEnds:
    """The counter of one join in one run."""

    __slots__ = ("_ended", "_pending", "total")

    def __init__(self) -> None:
        self._ended = [0, 0, 0, 0, 0]
        self._pending = 0
        self.total = 0
        """Task instances upstream."""

    @property
    def counts(self) -> Counts:
        """What a trigger rule sees."""
        success, skipped, failed, upstream_failed, removed = self._ended
        return Counts(success, skipped, failed, upstream_failed, removed, self.total)

    def add(self, state: TaskState) -> None:
        """Count one more task instance upstream."""
        self.total += 1
        self._pending += 1
        self.went(TaskState.NONE, state, FINISHED)

    def expect(self, more: int) -> None:
        """Count further task instances upstream that have not ended; fewer if negative."""
        self.total += more
        self._pending += more

    @property
    def is_complete(self) -> bool:
        """Whether all upstream have ended."""
        return not self._pending

    def went(self, before: TaskState, after: TaskState, eager: frozenset[TaskState]) -> bool:
        """Count a change of state upstream; True if it may concern those who wait.

        `eager`: the ends that may concern one of them before all upstream have finished.
        """
        if before in FINISHED:
            self._ended[_COUNTED[before]] -= 1
            self._pending += 1
        if after not in FINISHED:
            return False
        self._ended[_COUNTED[after]] += 1
        self._pending -= 1
        return not self._pending or after in eager

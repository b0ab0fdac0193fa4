"""What really happened: which process ran user code when, kept outside the product.

The store may say what it likes; these are the facts that it is held against.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.simulation import oracle
from tests.simulation.violation import require
from tradewind.model.attempts import Outcome, Result
from tradewind.model.deferral import FAILED_TRIGGER
from tradewind.model.keys import TaskKey
from tradewind.model.plan import TriggerRule
from tradewind.runtime.protocol import Answer

if TYPE_CHECKING:
    from tests.simulation.machine import Process
    from tests.simulation.world import World

WAITS_FOR_ALL = frozenset(TriggerRule) - {
    TriggerRule.ALWAYS,
    TriggerRule.ONE_SUCCESS,
    TriggerRule.ONE_FAILED,
    TriggerRule.ONE_DONE,
}


KILLED_WITHIN_S = 6.0
"""Within so long after its task was cleared or marked a process is gone."""


class Truth:
    """An outside journal of all processes in which user code began."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.starts: dict[tuple[TaskKey, int], list[str]] = {}
        """Tokens of the processes that began, by task instance and try."""
        self.reschedules: dict[tuple[TaskKey, int], int] = {}
        """How often a try asked to be called again."""
        self.waits: dict[tuple[TaskKey, int], list[str]] = {}
        """Tokens of the calls of a try that gave their process up to wait."""
        self.is_waiting: set[tuple[TaskKey, int]] = set()
        """Tries whose last call did."""
        self.first_began: dict[tuple[TaskKey, int], datetime] = {}
        """When each try began for the first time."""
        self.in_this_life: dict[TaskKey, set[int]] = {}
        """Tries that began since the task instance was last cleared."""
        self.committed: dict[str, TaskKey] = {}
        """Every token that was ever on disk."""
        self.succeeded: dict[str, dict[str, Any]] = {}
        """What the processes that ended well returned, by token."""
        self.began_count = 0

    def began(self, process: "Process") -> None:
        """User code is about to run."""
        world = self._world
        key, number, token = process.key, process.attempt.try_number, process.token
        told = f"{key} try {number} by {token}"
        self.began_count += 1
        world.tell(f"begins: {told}")
        require(token in self.committed, "durable before visible", told)
        starts = self.starts.setdefault((key, number), [])
        waits = len(self.waits.get((key, number), ()))
        allowed = 1 + self.reschedules.get((key, number), 0) + waits
        require(len(starts) < allowed, "a try starts once", f"{told} after {starts}")
        starts.append(token)
        self._check_told(process, told)
        self._check_where_it_goes_on(process, told)
        if world.is_to_be_killed(token):
            return  # it was cleared on the way here
        tries = self.in_this_life.setdefault(key, set())
        tries.add(number)
        most = world.retries_of(key) + 1
        require(len(tries) <= most, "retries=0 never starts twice", f"{told}: tries {tries}")
        for other in world.machine.live():
            if other is not process and other.key == key:
                require(False, "one live owner per try", f"{told} beside {other.token}")
        self._check_upstream(process, told)

    def _check_told(self, process: "Process", told: str) -> None:
        """A try that was called again knows how often, and since when it has been waiting."""
        named, order = (process.key, process.attempt.try_number), process.attempt
        calls = self.reschedules.get(named, 0)
        require(order.reschedules == calls, "reschedules are counted", f"{told}: not {calls}")
        began = self.first_began.setdefault(named, self._world.agenda.now())
        waits = self.waits.get(named, [])
        known = order.began_at == (began if calls or waits else None)
        require(known, "a wait counts from its first look", f"{told}: {order.began_at}, {began}")

    def _check_where_it_goes_on(self, process: "Process", told: str) -> None:
        """A call after a wait is that of the method named before it, or of what stands for a failure."""
        named, method = (process.key, process.attempt.try_number), process.attempt.next_method
        if named not in self.is_waiting:
            require(method is None, "a try goes on where it left off", f"{told}: {method}")
            return
        self.is_waiting.discard(named)
        right = method in (f"after {self.waits[named][-1]}", FAILED_TRIGGER)
        require(right, "a try goes on where it left off", f"{told}: {method}")

    def _check_upstream(self, process: "Process", told: str) -> None:
        world = self._world
        plan = world.task_plan(process.key)
        if plan.trigger_rule not in WAITS_FOR_ALL:
            return
        for other in world.machine.live():
            if (
                other.key.run == process.key.run
                and other.key.task_id in plan.upstream
                and plan.trigger_rule in (TriggerRule.ALL_SUCCESS, TriggerRule.ALL_DONE)
                and oracle.may_concern(process.key, other.key)
                and not other.was_signalled
                and not world.is_to_be_killed(other.token)
                and other.began_at < world.scheduled_at.get(process.key, 0.0)
            ):
                require(False, "successors start after upstream ended", f"{told}: {other.token}")

    def ended(self, process: "Process", outcome: Outcome) -> None:
        """User code told its outcome."""
        named = (process.key, process.attempt.try_number)
        self._world.tell(f"ends: {process.key} {process.token} {outcome.result}")
        late_s = self._world.unwanted_for_s(process.token)
        require(late_s < KILLED_WITHIN_S, "what is cleared is killed", f"{named}: {late_s} s late")
        if outcome.result is Result.RESCHEDULE:
            self.reschedules[named] = self.reschedules.get(named, 0) + 1
        if outcome.result is Result.DEFERRED:
            self.waits.setdefault(named, []).append(process.token)
            self.is_waiting.add(named)
        if outcome.result is Result.SUCCESS:
            self.succeeded[process.token] = process.value

    def cleared(self, key: TaskKey) -> None:
        """A task instance was cleared or marked: it has all its retries again."""
        self.in_this_life.pop(key, None)

    def answered(self, process: "Process", answer: Answer) -> None:
        """A task was told the XComs of its upstream."""
        require(answer.error is None, "questions are answered", f"{process.key}: {answer.error}")
        run = process.key.run
        for task_id, map_index, value in answer.data:
            key = TaskKey(run.dag_id, run.run_id, task_id, map_index)
            token = value["by"]
            told = f"{process.key} was told {value} of {key}"
            require(self.succeeded.get(token) == value, "XComs only from committed tries", told)
            right = self.committed.get(token) == key
            require(right, "XComs only from committed tries", told)

    def check_success(self, key: TaskKey, token: str) -> None:
        """A task instance was committed as a success of this token."""
        require(token in self.succeeded, "a success is what a process told", f"{key} by {token}")


__all__ = ["Truth", "oracle"]

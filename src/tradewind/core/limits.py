"""Slots that task instances share, and the lanes in which those wait that find none.

A lane holds the waiting task instances of one run that need the same slots, best first. If its
head cannot go, none of it can, so a lane waits as a whole at the first limit that stopped it, and
only a freed slot of that limit looks at it again: cost follows change, not the number of waiters.

Who comes first in order goes first, and who finds no slot holds up nobody who does. So that one who
needs several slots of a pool is not passed over for ever by those who need few, it is overtaken, by
such as come after it in order, for no more slots than the pool has: from then on the pool keeps its
free slots until they suffice.
"""

from heapq import heappop, heappush
from typing import Any, NamedTuple, Protocol

from tradewind.model.states import TaskState

UNLIMITED = 1 << 60


class Waiter(Protocol):
    """All that is known here of a task instance: one that is not scheduled waits no longer."""

    state: TaskState


class Place(NamedTuple):
    """A lane's place in a queue of lanes; stale once the lane has another ticket."""

    order: tuple[Any, ...]
    ticket: int
    lane: "Lane"


class Limit:
    """A number of slots, and the lanes that wait for one, by how many slots they need."""

    __slots__ = ("capacity", "name", "overtaken", "used", "waiting")

    def __init__(self, name: str, capacity: int) -> None:
        self.name = name
        self.capacity = capacity
        self.used = 0
        self.waiting: dict[int, list[Place]] = {}
        self.overtaken = 0
        """Slots that went past one who came first and needs more than are free."""

    @property
    def room(self) -> int:
        return self.capacity - self.used

    def keeps_from(self, order: tuple[Any, ...]) -> bool:
        """Whether its free slots are kept for one that comes before `order` and needs more."""
        if self.overtaken < self.capacity:
            return False
        first = self._first_that_needs_more()
        if first is None:
            self.overtaken = 0
            return False
        return first < order

    def note_passing(self, order: tuple[Any, ...], need: int) -> None:
        """Count it if whoever takes `need` slots now overtakes one that needs more."""
        first = self._first_that_needs_more()
        if first is None:
            self.overtaken = 0
        elif first < order:
            self.overtaken += need

    def _first_that_needs_more(self) -> tuple[Any, ...] | None:
        heads = [
            queue[0].order
            for need, queue in self.waiting.items()
            if self.room < need <= self.capacity and need > 1 and _prune(queue)
        ]
        return min(heads, default=None)

    def describe(self) -> str:
        """Why nothing more fits, for people."""
        if self.overtaken and self.overtaken >= self.capacity:
            return f"{self.name} keeps its {self.room} free slots for a task that needs more"
        if not self.capacity:
            return f"{self.name} has no slots"
        return f"{self.name} is full: {self.used} of {self.capacity} slots are taken"


class Lane:
    """Waiting task instances of one run that need the same slots."""

    __slots__ = ("_heap", "needs", "parked_at", "ticket")

    def __init__(self, needs: tuple[tuple[Limit, int], ...]) -> None:
        self.needs = needs
        """(limit, slots of it), from the most particular limit to the most general one."""
        self._heap: list[tuple[tuple[Any, ...], Any]] = []
        self.ticket = 0
        """Names its only valid place in a queue of lanes."""
        self.parked_at: Limit | None = None

    def join(self, order: tuple[Any, ...], task: Waiter) -> bool:
        """Let `task` wait; True if it is the new head."""
        head = self.head_order()
        heappush(self._heap, (order, task))
        return head is None or order < head

    def head_order(self) -> tuple[Any, ...] | None:
        """The order of the best that still waits; None if nobody does."""
        while self._heap:
            order, task = self._heap[0]
            if task.state is TaskState.SCHEDULED:
                return order
            heappop(self._heap)
        return None

    def take_head(self) -> Any:
        """Remove and return the best; only after `head_order` said that there is one."""
        return heappop(self._heap)[1]

    def dissolve(self) -> None:
        """Forget who waits, and its place in every queue."""
        self._heap.clear()
        self.ticket, self.parked_at = 0, None

    def blocker(self) -> tuple[Limit, int] | None:
        """The first limit with too little room, and how much is needed."""
        for limit, need in self.needs:
            if limit.used + need > limit.capacity:
                return limit, need
            if limit.overtaken:
                order = self.head_order()
                if order is not None and limit.keeps_from(order):
                    return limit, need
        return None


class Turnstile:
    """All lanes that may be worth trying: new ones, and those at limits with freed slots."""

    __slots__ = ("_awake", "_freed", "_tickets")

    def __init__(self) -> None:
        self._awake: list[Place] = []
        self._freed: dict[Limit, None] = {}
        self._tickets = 0

    def __bool__(self) -> bool:
        return bool(self._awake or self._freed)

    def join(self, lane: Lane, order: tuple[Any, ...], task: Waiter) -> None:
        """Let `task` wait in `lane`."""
        if not lane.join(order, task):
            return
        if lane.parked_at is None:
            self._place(lane, self._awake)
        else:
            self._park(lane, lane.parked_at, dict(lane.needs)[lane.parked_at])

    def take(self, lane: Lane) -> None:
        """Use up the slots that one task instance of `lane` needs."""
        for limit, need in lane.needs:
            limit.used += need

    def release(self, lane: Lane) -> None:
        """Give them back."""
        for limit, need in lane.needs:
            limit.used -= need
            self.freed(limit)

    def freed(self, limit: Limit) -> None:
        """Look again at what waits at `limit`."""
        if limit.waiting:
            self._freed[limit] = None

    def left(self, lane: Lane) -> None:
        """One of `lane` waits no longer: slots that were kept for it are for others."""
        for limit, _ in lane.needs:
            if limit.overtaken:
                self.freed(limit)

    def next_to_go(self) -> tuple[Lane, Any] | None:
        """The best waiting task instance whose limits all have room, taken from its lane."""
        while (lane := self._best_lane()) is not None:
            blocker = lane.blocker()
            if blocker is not None:
                self._park(lane, *blocker)
                continue
            order = lane.head_order()
            for limit, need in lane.needs:
                if order is not None and limit.waiting:
                    limit.note_passing(order, need)
            task = lane.take_head()
            self._wake(lane)
            return lane, task
        return None

    def _best_lane(self) -> Lane | None:
        best = self._awake if _prune(self._awake) else None
        for limit in tuple(self._freed):
            is_worth_it = False
            for need, queue in limit.waiting.items():
                if queue and need <= limit.capacity - limit.used and _prune(queue):
                    if limit.overtaken and limit.keeps_from(queue[0].order):
                        continue
                    is_worth_it = True
                    if best is None or queue[0] < best[0]:
                        best = queue
            if not is_worth_it:
                del self._freed[limit]
        return None if best is None else heappop(best).lane

    def _wake(self, lane: Lane) -> None:
        lane.parked_at = None
        self._place(lane, self._awake)

    def _park(self, lane: Lane, limit: Limit, need: int) -> None:
        lane.parked_at = limit
        self._place(lane, limit.waiting.setdefault(need, []))

    def _place(self, lane: Lane, queue: list[Place]) -> None:
        order = lane.head_order()
        if order is None:
            lane.parked_at = None
            lane.ticket = 0
            return
        self._tickets += 1
        lane.ticket = self._tickets
        heappush(queue, Place(order, lane.ticket, lane))


def _prune(queue: list[Place]) -> bool:
    """Drop stale places from the front; True if a valid one is left."""
    while queue:
        place = queue[0]
        if place.lane.ticket == place.ticket:
            order = place.lane.head_order()
            if order == place.order:
                return True
            heappop(queue)
            if order is not None:  # its head left: it waits on, further back
                heappush(queue, place._replace(order=order))
            else:
                place.lane.ticket, place.lane.parked_at = 0, None
            continue
        heappop(queue)
    return False

"""What goes wrong, when: each simulation has some kinds of trouble, drawn from its seed."""

from collections import Counter
from random import Random
from typing import TYPE_CHECKING

from tests.simulation.violation import Crash
from tradewind.executors.protocol import Question
from tradewind.model.errors import DatabaseUnavailable
from tradewind.model.events import Event

if TYPE_CHECKING:
    from tests.simulation.world import World

AT_COMMITS = (
    "commit fails",
    "commit succeeds but is reported failed",
    "crash before commit",
    "crash after commit",
)
AT_ORDERS = ("crash between orders", "connection lost between orders")
IN_TIME = (
    "scheduler killed",
    "scheduler restarted",
    "supervisor killed",
    "machine killed",
    "task killed",
    "zygote killed",
    "connection lost",
    "database away",
    "clock jumps forward",
    "clock jumps backward",
    "second leader",
    "no supervisor",
)
ON_THE_WAY = ("message duplicated", "messages reordered", "order duplicated", "ring lost")
KINDS = (*AT_COMMITS, *AT_ORDERS, *IN_TIME, *ON_THE_WAY)
SLOW_DATABASE = "database slow"
FOCI = (
    ("order duplicated", "message duplicated"),
    ("supervisor killed", "machine killed"),
    ("task killed", "zygote killed"),
    ("second leader", "connection lost"),
    ("scheduler killed", "scheduler restarted", "crash after commit"),
    (SLOW_DATABASE,),
)
FOCUSED_EVERY = 9
"""One of so many seeds has much of one kind of trouble, and users who hardly ever rest."""


def is_focused(seed: int) -> bool:
    """Whether this is such a seed."""
    return seed % FOCUSED_EVERY == FOCUSED_EVERY - 1


class Faults:
    """The trouble of one simulation. Nothing happens once `is_calm`."""

    def __init__(self, world: "World", rng: Random) -> None:
        self._world = world
        self._rng = rng
        how_many = rng.choice((0, 1, 2, 3, 5, 8, len(KINDS)))
        self.kinds = set(rng.sample(KINDS, how_many))
        self.rate = rng.choice((0.02, 0.05, 0.15)) / (1 if how_many < 8 else 3)
        self._times = (1, 1, 2)
        if is_focused(world.seed):
            self.kinds = set(FOCI[world.seed // FOCUSED_EVERY % len(FOCI)])
            self.rate, self._times = 0.15, (4, 6, 9)
        self.counts: Counter[str] = Counter()
        self.is_calm = False
        self.database_is_away = False
        self.no_supervisor = False
        self._after_commit: str | None = None

    def plan(self, until_s: float) -> None:
        """Put what happens at a time on the agenda."""
        for kind in IN_TIME:
            if kind in self.kinds:
                for _ in range(self._rng.choice(self._times)):
                    at = self._rng.random() * until_s
                    self._world.agenda.after(at, lambda kind=kind: self._strike(kind))  # type: ignore[misc]

    def calm(self) -> None:
        """From now on all is well."""
        self.is_calm = True
        self.database_is_away = self.no_supervisor = False
        self._world.agenda.jumped = self._world.seconds(0)

    def chance(self, kind: str, rate: float | None = None) -> bool:
        """Whether a fault of this kind happens here and now."""
        if self.is_calm or kind not in self.kinds:
            return False
        if self._rng.random() >= (self.rate if rate is None else rate):
            return False
        self.note(kind)
        return True

    def note(self, kind: str) -> None:
        self.counts[kind] += 1
        self._world.tell(f"FAULT {kind}")

    # --- the database -------------------------------------------------------------------------

    def may_use_database(self) -> None:
        if self._world.in_scheduler and self.database_is_away and not self.is_calm:
            raise DatabaseUnavailable("the database is away")

    def before_transaction(self) -> None:
        """The scheduler has decided, and waits for the database to let it write."""
        if self._world.in_scheduler and self.chance(SLOW_DATABASE, 0.5):
            self._world.meanwhile(1.0)

    def before_commit(self) -> None:
        if not self._world.in_scheduler:
            return
        self._after_commit = None
        if self.chance("commit fails"):
            raise DatabaseUnavailable("disk full")
        if self.chance("crash before commit"):
            raise Crash
        for kind in ("commit succeeds but is reported failed", "crash after commit"):
            if self._after_commit is None and self.chance(kind):
                self._after_commit = kind

    def after_commit(self) -> None:
        kind, self._after_commit = self._after_commit, None
        if kind == "crash after commit":
            raise Crash
        if kind is not None:
            raise DatabaseUnavailable("the connection broke while committing")
        self._world.meanwhile(0.2)

    # --- orders -------------------------------------------------------------------------------

    def may_connect(self) -> bool:
        """Whether a supervisor can be had."""
        return self.is_calm or not self.no_supervisor

    # --- by the clock -------------------------------------------------------------------------

    def _strike(self, kind: str) -> None:
        if self.is_calm:
            return
        self.note(kind)
        world, rng = self._world, self._rng
        match kind:
            case "scheduler killed":
                world.kill_scheduler()
            case "scheduler restarted":
                world.stop_scheduler()
            case "supervisor killed":
                world.machine.kill_supervisor()
            case "machine killed":
                world.machine.kill_supervisor()
                world.kill_scheduler()
            case "task killed":
                live = world.machine.live()
                if live:
                    rng.choice(live).exit(9)
            case "zygote killed":
                world.machine.kill_zygote()
            case "connection lost":
                world.cut_connection()
            case "database away":
                self.database_is_away = True
                world.agenda.after(rng.choice((0.1, 1.0, 4.0)), self._database_back)
            case "clock jumps forward":
                world.agenda.jumped += world.seconds(rng.choice((0.5, 5, 70)))
            case "clock jumps backward":
                world.agenda.jumped -= world.seconds(rng.choice((0.5, 5, 20)))
            case "second leader":
                world.usurp()
            case "no supervisor":
                self.no_supervisor = True
                world.machine.kill_supervisor()
                world.agenda.after(rng.choice((0.2, 3.0)), self._supervisor_back)

    def _database_back(self) -> None:
        self.database_is_away = False

    def _supervisor_back(self) -> None:
        self.no_supervisor = False


class Network:
    """What happens to messages on their way. Those of one attempt keep their order: that is what a
    stream promises. Those of several may overtake each other, and any may come twice."""

    def __init__(self, faults: Faults, rng: Random) -> None:
        self._faults = faults
        self._rng = rng
        self.late: list[Event | Question] = []

    def garble(self, messages: list[Event | Question]) -> list[Event | Question]:
        """Messages as they arrive."""
        if self._faults.is_calm:
            messages, self.late = self.late + messages, []
            return messages
        again = [
            message
            for message in messages
            if not isinstance(message, Question) and self._faults.chance("message duplicated")
        ]
        messages, self.late = self.late + messages, again
        if len(messages) > 1 and self._faults.chance("messages reordered", 0.5):
            tokens = [message.token for message in messages]  # type: ignore[union-attr]
            queues = {token: [m for m in messages if m.token == token] for token in tokens}  # type: ignore[union-attr]
            self._rng.shuffle(tokens)
            messages = [queues[token].pop(0) for token in tokens]
        return messages

    def copies(self) -> int:
        """How often an order is carried."""
        return 2 if self._faults.chance("order duplicated") else 1

    def forget(self) -> None:
        """Whoever was to get it is gone."""
        self.late = []

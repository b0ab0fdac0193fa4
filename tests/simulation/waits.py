"""What waits without a process: what tasks ask for, and triggerers that say when it has come."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from tradewind.model import changes as c
from tradewind.model.attempts import Attempt
from tradewind.model.commands import TriggerSaid
from tradewind.model.deferral import Deferral, Word
from tradewind.model.states import TaskState

if TYPE_CHECKING:
    from tests.simulation.world import World

WAITING_FROM = 20_000
"""Tasks wait in worlds of seeds from here on."""
ENDS = (TaskState.SUCCESS, TaskState.FAILED, TaskState.SKIPPED)


@dataclass(frozen=True)
class Wait:
    """What one call of a task waits for: a trigger, a moment, or a person who does not answer."""

    kind: str
    timeout_s: float | None
    after_s: float
    word: Word

    @classmethod
    def of(cls, rng: Random) -> "Wait":
        kind = rng.choice(("trigger", "trigger", "moment", "person"))
        timeout_s = rng.choice((0.5, 3.0) if kind == "person" else (None, None, 0.5, 3.0))
        return cls(kind, timeout_s, rng.choice((0.0, 0.4, 2.0)), word_of(rng))

    def asked_at(self, world: "World", attempt: Attempt) -> Deferral:
        """As the task tells it."""
        is_moment = self.kind == "moment"
        return Deferral(
            classpath=None if self.kind == "person" else "simulated.Trigger",
            kwargs={},
            method=method_after(attempt),
            method_kwargs={},
            timeout_s=self.timeout_s,
            at=world.agenda.now() + timedelta(seconds=self.after_s) if is_moment else None,
            word=self.word if is_moment else None,
        )


def method_after(attempt: Attempt) -> str:
    """Where the call of an attempt goes on after its wait."""
    return f"after {attempt.token}"


def word_of(rng: Random) -> Word:
    """What a trigger may say."""
    match rng.choice(("event", "event", "event", "end", "failure")):
        case "end":
            return Word(end=rng.choice(ENDS))
        case "failure":
            return Word(failure=("it broke",))
    return Word(payload=rng.random())


class Triggerers:
    """They find what is waited for in the store; two may run the same trigger, and either may say its
    word when nobody waits any more."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def committed(self, change: c.WaitWritten) -> None:
        """A wait is on disk."""
        trigger, deferral = change.waiting.trigger, change.deferral
        if deferral is None or deferral.classpath is None or deferral.at is not None:
            return
        assert trigger is not None
        rng = Random(f"{self._world.seed} {trigger}")
        said = TriggerSaid(trigger=trigger, key=change.waiting.key, word=word_of(rng))
        moments = [rng.choice((0.0, 0.2, 1.0, 4.0)) for _ in range(rng.choice((1, 1, 2)))]
        for moment in moments:
            self._world.agenda.after(moment, lambda: self._say(said))

    def _say(self, said: TriggerSaid) -> None:
        self._world.users.give(said)
        self._world.ring()

"""What a gate may say of a task instance that would like to go on."""

from dataclasses import dataclass

from tradewind.model.states import TaskState


@dataclass(frozen=True, slots=True)
class Pass:
    """Nothing against it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Not yet. `wake_on` names what has to change for it to be looked at again."""

    reason: str
    wake_on: str


@dataclass(frozen=True, slots=True)
class Set:
    """It will not run: this is its state."""

    state: TaskState
    reason: str


Verdict = Pass | Wait | Set

PASS = Pass()

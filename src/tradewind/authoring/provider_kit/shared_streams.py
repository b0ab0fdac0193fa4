"""Event triggers that read one stream together: what such a trigger is written with."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

_HOME = "airflow.triggers.shared_stream"


@dataclass(frozen=True)
class AdvanceOutcome:
    """How many triggers took an event, failed on it, or would not have it."""

    acked: int
    failed: int
    rejected: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether none failed."""
        return self.failed == 0


class AdvanceItem(NamedTuple):
    """An event that every trigger is done with."""

    broker_payload: Any
    outcome: AdvanceOutcome


class SharedStreamProducer(ABC):
    """Reads a broker for several triggers and tells it how far they are."""

    @abstractmethod
    async def open_stream(self) -> AsyncIterator[tuple[Any, Any]]:
        """(event, what the broker calls it), one by one."""
        raise NotImplementedError
        yield  # makes this an async generator

    @abstractmethod
    async def advance(self, batch: Sequence[AdvanceItem]) -> None:
        """Tell the broker that these are done with."""

    def get_advance_lane(self, broker_payload: Any) -> Hashable:
        """Events of one lane are told in their order."""
        return None

    async def aclose(self) -> None:  # noqa: B027  (there may be nothing to let go of)
        """Let go of the broker."""


AdvanceOutcome.__module__ = AdvanceItem.__module__ = SharedStreamProducer.__module__ = _HOME

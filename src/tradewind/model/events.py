"""What can happen to the fleet. `decide` takes one of these and a time."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tradewind.model.attempts import Outcome
from tradewind.model.commands import Command
from tradewind.model.parsed import Source
from tradewind.model.snapshots import DagSnapshot, PoolSnapshot


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed: something may have come due."""


@dataclass(frozen=True, slots=True)
class DagLoaded:
    """A DAG is new, changed, paused, unpaused or stale."""

    dag: DagSnapshot


@dataclass(frozen=True, slots=True)
class PoolsChanged:
    """The pools as they are now, all of them."""

    pools: tuple[PoolSnapshot, ...]


@dataclass(frozen=True, slots=True)
class SlotsChanged:
    """An executor's number of slots; 0 while it cannot take work."""

    executor: str
    slots: int


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """The process of an attempt is up and about to load its file."""

    token: str
    pid: int
    hostname: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CodeLoaded:
    """An attempt runs other code than it was ordered with: its file has changed meanwhile."""

    token: str
    source: Source


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """An attempt ended."""

    token: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class XComPushed:
    """A running attempt pushed a value."""

    token: str
    key: str
    value: Any


@dataclass(frozen=True, slots=True)
class FieldsRendered:
    """A running attempt rendered its template fields."""

    token: str
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CommandGiven:
    """A user asked for something; it gets exactly one answer."""

    command_id: str
    command: Command


Event = (
    Tick
    | DagLoaded
    | PoolsChanged
    | SlotsChanged
    | AttemptStarted
    | CodeLoaded
    | AttemptEnded
    | XComPushed
    | FieldsRendered
    | CommandGiven
)

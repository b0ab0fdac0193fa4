"""Parts of a Plan: what a task is expanded over, which assets it touches, how a sensor waits, by
when a run must have ended. All JSON data once `codec` has had it.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Source:
    """Where the items that a task is expanded over come from. Kinds:

    literal: `length` items in the DAG file itself (`of`: outputs among them);
    xcom: what `task_id` pushed as `key`;
    map: as many as `of` has; zip: tuples of those `of` has, as many as the shortest (the longest if
    `fills`); concat: those of all `of`;
    group: argument `key` of the mapped group around the task.
    """

    kind: str
    task_id: str = ""
    key: str = ""
    length: int = 0
    of: "tuple[Source, ...]" = ()
    fills: bool = False


@dataclass(frozen=True, slots=True)
class Expansion:
    """One task instance, or group instance, for each item."""

    arguments: tuple[tuple[str, Source], ...] = ()
    """For each combination of their items; the last argument varies fastest."""
    kwargs: Source | None = None
    """Or: for each dict of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorSpec:
    """How a sensor waits; durations are seconds."""

    mode: str = "poke"
    """`poke` keeps its process between two looks, `reschedule` gives it up."""
    poke_interval_s: float = 60.0
    timeout_s: float = 604800.0
    soft_fail: bool = False
    """Whether a timeout skips instead of failing."""
    exponential_backoff: bool = False
    max_wait_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTrigger:
    """A task that begins in a trigger, without a process."""

    classpath: str
    next_method: str
    trigger_kwargs: dict[str, Any] = field(default_factory=dict)
    next_kwargs: dict[str, Any] = field(default_factory=dict)
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatcherSpec:
    """A trigger whose events are events of an asset."""

    name: str
    classpath: str
    kwargs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetSpec:
    """An asset that a DAG names."""

    name: str
    uri: str
    group: str = "asset"
    extra: dict[str, Any] = field(default_factory=dict)
    watchers: tuple[WatcherSpec, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineSpec:
    """By when a run must have ended, and what is called when it has not."""

    reference: dict[str, Any]
    """{"reference_type": ..., its arguments}: the moment it counts from."""
    callback: dict[str, Any]
    """{"kind": "AsyncCallback" | "SyncCallback", "path": ..., "kwargs": ..., "executor": ...}"""
    interval_s: float | None = None
    interval_variable: str | None = None
    """Instead of interval_s: the Variable that holds minutes."""
    name: str | None = None

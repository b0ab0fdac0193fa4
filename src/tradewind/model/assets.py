"""Assets as values: which there are, what was written to them, and who waits for that."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from tradewind.model.keys import TaskKey


class AssetKey(NamedTuple):
    """What tells one asset from another."""

    name: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetUpdate:
    """What is said of an asset that was written."""

    name: str
    uri: str
    group: str = "asset"
    extra: dict[str, Any] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    """Aliases through which it was written: from now on they stand for it too."""

    @property
    def key(self) -> AssetKey:
        return AssetKey(self.name, self.uri)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetEvent:
    """An asset was written."""

    event_id: int
    at: datetime
    update: AssetUpdate
    source: TaskKey | None = None
    """The task instance that wrote it; None for somebody outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedUpdate:
    """An asset has been written since the last run that a DAG made of its updates."""

    dag_id: str
    asset: AssetKey
    last_at: datetime
    """When it was written last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetsSnapshot:
    """What a scheduler must know of assets when it starts."""

    queued: tuple[QueuedUpdate, ...] = ()
    aliases: tuple[tuple[str, AssetKey], ...] = ()
    """(alias, an asset it stands for)."""
    last_event_id: int = 0

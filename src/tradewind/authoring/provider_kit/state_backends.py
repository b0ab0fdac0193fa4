"""What a store of task or asset state is written with."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_HOME = "airflow.sdk._shared.state"


@dataclass(frozen=True)
class TaskScope:
    """The state of one task instance, whichever try."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int = -1


@dataclass(frozen=True)
class AssetScope:
    """The state of one asset, named in one of three ways."""

    asset_id: int | None = None
    name: str | None = None
    uri: str | None = None

    def __post_init__(self) -> None:
        if self.asset_id is None and self.name is None and self.uri is None:
            raise ValueError("an AssetScope needs an asset_id, a name or a uri")


StoreScope = TaskScope | AssetScope


class BaseStoreBackend(ABC):
    """Keeps texts by scope and key. None is used by this version of Tradewind."""

    @abstractmethod
    def get(self, scope: StoreScope, key: str, *, session: Any = None) -> str | None:
        """The text, or None."""

    @abstractmethod
    def set(
        self,
        scope: StoreScope,
        key: str,
        value: str,
        *,
        expires_at: datetime | None = None,
        session: Any = None,
    ) -> None:
        """Keep a text until then."""

    @abstractmethod
    def delete(self, scope: StoreScope, key: str, *, session: Any = None) -> None:
        """Forget one."""

    @abstractmethod
    def clear(
        self, scope: StoreScope, *, all_map_indices: bool = False, session: Any = None
    ) -> None:
        """Forget all of a scope."""

    @abstractmethod
    async def aget(self, scope: StoreScope, key: str, *, session: Any = None) -> str | None:
        """As `get`."""

    @abstractmethod
    async def aset(
        self,
        scope: StoreScope,
        key: str,
        value: str,
        *,
        expires_at: datetime | None = None,
        session: Any = None,
    ) -> None:
        """As `set`."""

    @abstractmethod
    async def adelete(self, scope: StoreScope, key: str, *, session: Any = None) -> None:
        """As `delete`."""

    @abstractmethod
    async def aclear(
        self, scope: StoreScope, *, all_map_indices: bool = False, session: Any = None
    ) -> None:
        """As `clear`."""


TaskScope.__module__ = AssetScope.__module__ = BaseStoreBackend.__module__ = _HOME

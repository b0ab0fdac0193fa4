"""Events of assets as a task sees them: those it makes (`outlet_events`), those of what it reads
(`inlet_events`), and those that its run was made for (`triggering_asset_events`)."""

import functools
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, overload

from tradewind.authoring import serde
from tradewind.authoring.assets.asset import (
    Asset,
    AssetAlias,
    AssetNameRef,
    AssetRef,
    AssetUriRef,
    BaseAsset,
)
from tradewind.authoring.assets.metadata import Metadata
from tradewind.authoring.errors import AirflowInactiveAssetInInletOrOutletException
from tradewind.authoring.host import Host
from tradewind.authoring.later import later_feature
from tradewind.authoring.run_facts import moment
from tradewind.authoring.timezone import parse, plain_utc
from tradewind.model.assets import AssetUpdate
from tradewind.model.requests import AssetEventsOf, AssetOf, ConsumedEvents, PullXCom

log = logging.getLogger("task")

_HOME = "airflow.sdk.execution_time.context"


def resolve(ref: AssetRef, host: Host) -> Asset:
    """The asset that a reference means.

    Raises AirflowInactiveAssetInInletOrOutletException where no DAG names such an asset."""
    named = (
        {"name": ref.name} if isinstance(ref, AssetNameRef) else {"uri": getattr(ref, "uri", "")}
    )
    found = host.ask(AssetOf(**named))
    if found is None:
        raise AirflowInactiveAssetInInletOrOutletException([ref])
    return _asset(found)


def _asset(found: Mapping[str, Any]) -> Asset:
    return Asset(found["name"], found["uri"], group=found["group"], extra=found["extra"])


# --- what a task writes -----------------------------------------------------------------------


@dataclass(frozen=True)
class AssetAliasEvent:
    """An asset written through an alias."""

    alias: str
    asset: Asset
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass
class OutletEventAccessor:
    """What a task says of one of its outlets."""

    key: BaseAsset
    extra: dict[str, Any] = field(default_factory=dict)
    asset_alias_events: list[AssetAliasEvent] = field(default_factory=list)

    def add(self, asset: Asset | AssetAlias, extra: dict[str, Any] | None = None) -> None:
        """Of an alias: it stands for `asset`, which was written."""
        if not isinstance(self.key, AssetAlias):
            log.warning("outlet_events[%r].add() does nothing: it is for aliases", self.key)
        elif not isinstance(asset, Asset):
            raise TypeError(f"outlet_events[{self.key!r}].add() takes an Asset, not {asset!r}")
        else:
            made = AssetAliasEvent(self.key.name, asset, dict(extra or {}))
            self.asset_alias_events.append(made)

    def add_partitions(self, *_: Any, **__: Any) -> None:
        """Of a partitioned asset."""
        raise NotImplementedError(later_feature("writing partitions of assets"))


class OutletEventAccessors(Mapping[Any, OutletEventAccessor]):
    """`outlet_events` in the context."""

    def __init__(self, outlets: Iterable[Any] = ()) -> None:
        self._outlets = [outlet for outlet in outlets if isinstance(outlet, BaseAsset)]
        self._made: dict[BaseAsset, OutletEventAccessor] = {}

    def __getitem__(self, key: Any) -> OutletEventAccessor:
        asset = _key(key, self._outlets)
        made = self._made.get(asset)
        if made is None:
            made = self._made[asset] = OutletEventAccessor(asset)
        return made

    def __iter__(self) -> Iterator[Any]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)

    def note(self, said: Metadata) -> None:
        """What a task yields or returns."""
        if said.alias is not None:
            self[said.alias].add(said.asset, said.extra)
        self[said.asset].extra.update(said.extra)


def updates_of(outlets: Iterable[Any], said: OutletEventAccessors, host: Host) -> list[AssetUpdate]:
    """What a success has written, by its outlets and by what it said of them."""
    made = []
    for outlet in (
        leaf for thing in outlets if isinstance(thing, BaseAsset) for leaf in thing.leaves()
    ):
        accessor = said[outlet]
        if isinstance(outlet, AssetAlias):
            made += _through_alias(accessor.asset_alias_events)
        else:
            asset = resolve(outlet, host) if isinstance(outlet, AssetRef) else outlet
            assert isinstance(asset, Asset)
            made.append(_update(asset, accessor.extra))
    return made


def _through_alias(events: Iterable[AssetAliasEvent]) -> list[AssetUpdate]:
    """One event of an asset with the same extra, through however many aliases."""
    made: list[AssetUpdate] = []
    for event in events:
        update = _update(event.asset, event.extra)
        for place, other in enumerate(made):
            if replace(other, aliases=()) == update:
                made[place] = replace(other, aliases=(*other.aliases, event.alias))
                break
        else:
            made.append(replace(update, aliases=(event.alias,)))
    return made


def _update(asset: Asset, extra: Mapping[str, Any]) -> AssetUpdate:
    data = serde.serialize(dict(extra), f"extra of an event of asset {asset.name!r}")
    return AssetUpdate(name=asset.name, uri=asset.uri, group=asset.group, extra=data)


def _key(key: Any, listed: Sequence[BaseAsset]) -> BaseAsset:
    """The asset that a key of an accessor means: itself, its place, its name or its URI."""
    if isinstance(key, BaseAsset):
        return key
    if isinstance(key, int):
        return listed[key]
    for item in listed:
        if isinstance(key, str) and key in (
            getattr(item, "name", None),
            getattr(item, "uri", None),
        ):
            return item
    raise KeyError(f"{key!r} is no asset of this task")


# --- what has happened ------------------------------------------------------------------------


class AssetEventSourceTaskInstance:
    """The task instance that wrote an asset."""

    def __init__(self, event: "AssetEventResult", host: Host) -> None:
        self.dag_id = event.source_dag_id
        self.run_id = event.source_run_id
        self.task_id = event.source_task_id
        self.map_index = event.source_map_index
        self._host = host

    def xcom_pull(self, key: str = "return_value", default: Any = None) -> Any:
        """What it pushed as `key`."""
        asked = PullXCom(
            dag_id=str(self.dag_id),
            run_id=str(self.run_id),
            key=key,
            task_ids=(str(self.task_id),),
            map_indexes=(self.map_index,),
        )
        found = self._host.ask(asked)
        return serde.deserialize(found[0][2]) if found else default


class AssetEventResult:
    """One event of an asset."""

    __module__ = "airflow.sdk.execution_time.comms"

    def __init__(self, found: Mapping[str, Any], host: Host) -> None:
        self.id: int = found["id"]
        self.asset = _asset(found["asset"])
        self.timestamp = moment(datetime.fromisoformat(found["timestamp"]))
        self.extra: dict[str, Any] = serde.deserialize(found["extra"])
        self.source_dag_id: str | None = found["source_dag_id"]
        self.source_run_id: str | None = found["source_run_id"]
        self.source_task_id: str | None = found["source_task_id"]
        self.source_map_index: int = found["source_map_index"]
        self.source_aliases: list[str] = found["source_aliases"]
        self.partition_key: str | None = None
        self.uri = self.asset.uri
        self._host = host

    @property
    def source_task_instance(self) -> AssetEventSourceTaskInstance | None:
        """What wrote it; None for somebody outside."""
        return (
            None if self.source_task_id is None else AssetEventSourceTaskInstance(self, self._host)
        )

    def __repr__(self) -> str:
        return f"AssetEventResult(id={self.id}, asset={self.asset!r}, timestamp={self.timestamp})"


class InletEventsAccessor(Sequence[AssetEventResult]):
    """The events of one asset, oldest first; read when first looked at."""

    def __init__(self, host: Host, asked: AssetEventsOf) -> None:
        self._host = host
        self._asked = asked
        self._found: list[AssetEventResult] | None = None

    def after(self, after: datetime | str) -> "InletEventsAccessor":
        """Only those from `after` on."""
        return self._narrowed(after=_moment(after))

    def before(self, before: datetime | str) -> "InletEventsAccessor":
        """Only those up to `before`."""
        return self._narrowed(before=_moment(before))

    def ascending(self, ascending: bool = True) -> "InletEventsAccessor":
        """Oldest first, or latest first."""
        return self._narrowed(ascending=ascending)

    def limit(self, limit: int) -> "InletEventsAccessor":
        """Only the first so many."""
        return self._narrowed(limit=limit)

    def _narrowed(self, **more: Any) -> "InletEventsAccessor":
        self._asked = replace(self._asked, **more)
        self._found = None
        return self

    def _events(self) -> list[AssetEventResult]:
        if self._found is None:
            found = self._host.ask(self._asked)
            self._found = [AssetEventResult(each, self._host) for each in found]
        return self._found

    @overload
    def __getitem__(self, key: int) -> AssetEventResult: ...
    @overload
    def __getitem__(self, key: slice) -> Sequence[AssetEventResult]: ...
    def __getitem__(self, key: int | slice) -> Any:
        return self._events()[key]

    def __iter__(self) -> Iterator[AssetEventResult]:
        return iter(self._events())

    def __len__(self) -> int:
        return len(self._events())


class InletEventsAccessors(Mapping[Any, InletEventsAccessor]):
    """`inlet_events` in the context."""

    def __init__(self, inlets: Iterable[Any], host: Host) -> None:
        self._inlets = [inlet for inlet in inlets if isinstance(inlet, BaseAsset)]
        self._host = host

    def __getitem__(self, key: Any) -> InletEventsAccessor:
        return InletEventsAccessor(self._host, _asked(_key(key, self._inlets)))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._inlets)

    def __len__(self) -> int:
        return len(self._inlets)


def _asked(asset: BaseAsset) -> AssetEventsOf:
    match asset:
        case Asset():
            return AssetEventsOf(name=asset.name, uri=asset.uri)
        case AssetAlias():
            return AssetEventsOf(alias=asset.name)
        case AssetNameRef():
            return AssetEventsOf(name=asset.name)
        case AssetUriRef():
            return AssetEventsOf(uri=asset.uri)
    raise TypeError(f"inlet_events takes an asset or an alias, not {asset!r}")


def _moment(value: datetime | str) -> datetime:
    return plain_utc(parse(value) if isinstance(value, str) else value)


class TriggeringAssetEventsAccessor(Mapping[Any, list[AssetEventResult]]):
    """`triggering_asset_events` in the context: the events of each asset, and of each alias."""

    def __init__(self, events: Iterable[AssetEventResult]) -> None:
        self._events: dict[BaseAsset, list[AssetEventResult]] = {}
        by_key: dict[tuple[str, str], Asset] = {}
        for event in events:
            asset = by_key.setdefault((event.asset.name, event.asset.uri), event.asset)
            self._events.setdefault(asset, []).append(event)
            for alias in event.source_aliases:
                self._events.setdefault(AssetAlias(alias), []).append(event)

    def __getitem__(self, key: Any) -> list[AssetEventResult]:
        known = list(self._events)
        if isinstance(key, Asset):
            key = next((one for one in known if _is_same(one, key)), key)
        return self._events[_key(key, known)]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._events)

    def __len__(self) -> int:
        return len(self._events)

    def __repr__(self) -> str:
        return repr(self._events)


def _is_same(one: BaseAsset, other: Asset) -> bool:
    return isinstance(one, Asset) and (one.name, one.uri) == (other.name, other.uri)


def consumed(dag_id: str, run_id: str, host: Host) -> list[AssetEventResult]:
    """The events that a run was made for."""
    found = host.ask(ConsumedEvents(dag_id=dag_id, run_id=run_id))
    return [AssetEventResult(each, host) for each in found]


def accessors(
    inlets: Iterable[Any], outlets: Iterable[Any], dag_id: str, run_id: str, host: Host
) -> dict[str, Callable[[], Any]]:
    """What makes each of them when it is first asked for, by its name in the context."""
    triggering = functools.partial(consumed, dag_id, run_id, host)
    return {
        "inlet_events": lambda: InletEventsAccessors(inlets, host),
        "outlet_events": lambda: OutletEventAccessors(outlets),
        "triggering_asset_events": lambda: TriggeringAssetEventsAccessor(triggering()),
    }


for _value in (
    OutletEventAccessor,
    OutletEventAccessors,
    InletEventsAccessor,
    InletEventsAccessors,
    TriggeringAssetEventsAccessor,
):
    _value.__module__ = _HOME

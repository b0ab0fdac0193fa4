"""Lineage: which assets hooks read and wrote while a task ran, collected for whoever asks."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tradewind.authoring.assets import Asset
from tradewind.authoring.logs import LoggingMixin

_HOME = "airflow.sdk.lineage"
MAX_COLLECTED_ASSETS = 100
MAX_COLLECTED_EXTRA = 200


@dataclass(frozen=True)
class AssetLineageInfo:
    """An asset, how often it was used, and by whom."""

    asset: Asset
    count: int
    context: Any


@dataclass(frozen=True)
class ExtraLineageInfo:
    """A further fact, how often it was told, and by whom."""

    key: str
    value: Any
    count: int
    context: Any


@dataclass
class HookLineage:
    """All that was collected."""

    inputs: list[AssetLineageInfo] = field(default_factory=list)
    outputs: list[AssetLineageInfo] = field(default_factory=list)
    extra: list[ExtraLineageInfo] = field(default_factory=list)


class HookLineageCollector(LoggingMixin):
    """Hooks tell it what they use; only the first hundred or so of each kind are kept."""

    __module__ = _HOME

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._used: dict[str, dict[tuple[str, int], tuple[Asset, Any]]] = {"in": {}, "out": {}}
        self._extra: dict[tuple[str, str, int], tuple[str, Any, Any]] = {}
        self._counts: Counter[tuple[Any, ...]] = Counter()

    def create_asset(
        self,
        *,
        scheme: str | None = None,
        uri: str | None = None,
        name: str | None = None,
        group: str | None = None,
        asset_kwargs: dict[str, Any] | None = None,
        asset_extra: dict[str, Any] | None = None,
    ) -> Asset | None:
        """The asset with this name or URI; None where neither is given."""
        if not uri and not name:
            if scheme or asset_kwargs:
                self.log.debug("No asset of scheme %s can be made of %s", scheme, asset_kwargs)
            return None
        return Asset(name, uri, group=group, extra=asset_extra)

    def add_input_asset(
        self,
        context: Any,
        scheme: str | None = None,
        uri: str | None = None,
        name: str | None = None,
        group: str | None = None,
        asset_kwargs: dict[str, Any] | None = None,
        asset_extra: dict[str, Any] | None = None,
    ) -> None:
        """`context` read an asset."""
        self._add(
            "in",
            context,
            self.create_asset(
                scheme=scheme,
                uri=uri,
                name=name,
                group=group,
                asset_kwargs=asset_kwargs,
                asset_extra=asset_extra,
            ),
        )

    def add_output_asset(
        self,
        context: Any,
        scheme: str | None = None,
        uri: str | None = None,
        name: str | None = None,
        group: str | None = None,
        asset_kwargs: dict[str, Any] | None = None,
        asset_extra: dict[str, Any] | None = None,
    ) -> None:
        """`context` wrote an asset."""
        self._add(
            "out",
            context,
            self.create_asset(
                scheme=scheme,
                uri=uri,
                name=name,
                group=group,
                asset_kwargs=asset_kwargs,
                asset_extra=asset_extra,
            ),
        )

    def _add(self, way: str, context: Any, asset: Asset | None) -> None:
        if asset is None:
            return
        key = (asset.uri, id(context))
        if key in self._used[way] or len(self._used[way]) < MAX_COLLECTED_ASSETS:
            self._used[way].setdefault(key, (asset, context))
            self._counts[(way, *key)] += 1

    def add_extra(self, context: Any, key: str, value: Any) -> None:
        """`context` tells a further fact."""
        if not key or not value:
            return
        place = (key, repr(value), id(context))
        if place in self._extra or len(self._extra) < MAX_COLLECTED_EXTRA:
            self._extra.setdefault(place, (key, value, context))
            self._counts[("extra", *place)] += 1

    @property
    def collected_assets(self) -> HookLineage:
        """All that was collected."""

        def used(way: str) -> list[AssetLineageInfo]:
            return [
                AssetLineageInfo(asset, self._counts[(way, *key)], context)
                for key, (asset, context) in self._used[way].items()
            ]

        extra = [
            ExtraLineageInfo(key, value, self._counts[("extra", *place)], context)
            for place, (key, value, context) in self._extra.items()
        ]
        return HookLineage(used("in"), used("out"), extra)

    @property
    def has_collected(self) -> bool:
        """Whether there is anything."""
        return bool(self._used["in"] or self._used["out"] or self._extra)


class HookLineageReader(LoggingMixin):
    """Reads what was collected."""

    __module__ = _HOME

    def retrieve_hook_lineage(self) -> HookLineage:
        """All that was collected."""
        return get_hook_lineage_collector().collected_assets


for _value in (AssetLineageInfo, ExtraLineageInfo, HookLineage):
    _value.__module__ = _HOME


@cache
def get_hook_lineage_collector() -> HookLineageCollector:
    """The collector of this process."""
    return HookLineageCollector()


class NoOpCollector(HookLineageCollector):
    """Collects nothing, for who wants none."""

    __module__ = _HOME

    def _add(self, way: str, context: Any, asset: Asset | None) -> None:
        return

    def add_extra(self, context: Any, key: str, value: Any) -> None:
        return

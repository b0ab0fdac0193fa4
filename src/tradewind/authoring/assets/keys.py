"""What tells one asset or alias from another, as keys of dicts."""

from typing import TYPE_CHECKING, NamedTuple

from tradewind.authoring.lazy import LazyModule

if TYPE_CHECKING:
    from tradewind.authoring.assets import asset as assets
    from tradewind.authoring.assets.asset import Asset, AssetAlias
else:
    assets = LazyModule("tradewind.authoring.assets.asset")


class AssetUniqueKey(NamedTuple):
    """Name and URI of an asset."""

    name: str
    uri: str

    def to_asset(self) -> "Asset":
        """An asset of this key."""
        return assets.Asset(name=self.name, uri=self.uri)

    @staticmethod
    def from_asset(asset: "Asset") -> "AssetUniqueKey":
        """The key of an asset."""
        return AssetUniqueKey(asset.name, asset.uri)


class AssetAliasUniqueKey(NamedTuple):
    """Name of an alias."""

    name: str

    @staticmethod
    def from_asset_alias(alias: "AssetAlias") -> "AssetAliasUniqueKey":
        """The key of an alias."""
        return AssetAliasUniqueKey(alias.name)


for _key in (AssetUniqueKey, AssetAliasUniqueKey):
    _key.__module__ = "airflow.sdk.definitions.asset"

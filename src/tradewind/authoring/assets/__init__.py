"""Assets: what tasks read and write, and what a DAG may wait for.

`Asset` and its kin are values; `expression` is how a Plan spells a condition out.
"""

from tradewind.authoring.assets.access import AssetAccessControl
from tradewind.authoring.assets.asset import (
    Asset,
    AssetAlias,
    AssetAll,
    AssetAny,
    AssetBooleanCondition,
    AssetNameRef,
    AssetRef,
    AssetUriRef,
    BaseAsset,
    Dataset,
    Model,
)
from tradewind.authoring.assets.keys import AssetAliasUniqueKey, AssetUniqueKey
from tradewind.authoring.assets.metadata import Metadata
from tradewind.authoring.assets.watcher import AssetWatcher

__all__ = [
    "Asset",
    "AssetAccessControl",
    "AssetAlias",
    "AssetAliasUniqueKey",
    "AssetAll",
    "AssetAny",
    "AssetBooleanCondition",
    "AssetNameRef",
    "AssetRef",
    "AssetUniqueKey",
    "AssetUriRef",
    "AssetWatcher",
    "BaseAsset",
    "Dataset",
    "Metadata",
    "Model",
]

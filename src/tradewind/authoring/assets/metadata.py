"""Metadata: what a task returns or yields to say more of the asset it wrote."""

from dataclasses import dataclass, field
from typing import Any

from tradewind.authoring.assets.asset import Asset, AssetAlias


@dataclass
class Metadata:
    """`extra` for the event of `asset`; with an alias, the asset is one of the alias's."""

    asset: Asset
    extra: dict[str, Any] = field(default_factory=dict)
    alias: AssetAlias | None = None


Metadata.__module__ = "airflow.sdk.definitions.asset.metadata"

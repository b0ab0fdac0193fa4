"""Which teams may write an asset and which may wait for it."""

from dataclasses import dataclass, field


@dataclass
class AssetAccessControl:
    """Teams by name; `consumer_teams=None` lets every team wait for the asset."""

    producer_teams: list[str] = field(default_factory=list)
    consumer_teams: list[str] | None = None
    allow_global: bool = True


AssetAccessControl.__module__ = "airflow.sdk.definitions.asset.access_control"

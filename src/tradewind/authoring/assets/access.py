"""Which teams may write an asset and which may wait for it."""

from dataclasses import dataclass, field


@dataclass
class AssetAccessControl:
    """Teams by name; `consumer_teams=None` lets every team wait for the asset.

    Raises ValueError for a team without a name, TypeError for another allow_global than a bool.
    """

    producer_teams: list[str] = field(default_factory=list)
    consumer_teams: list[str] | None = None
    allow_global: bool = True

    def __post_init__(self) -> None:
        for what in ("producer_teams", "consumer_teams"):
            for team in getattr(self, what) or ():
                if not isinstance(team, str) or not team.strip():
                    raise ValueError(f"{what} takes names of teams, not {team!r}")
        if not isinstance(self.allow_global, bool):
            raise TypeError(f"allow_global must be True or False, not {self.allow_global!r}")


AssetAccessControl.__module__ = "airflow.sdk.definitions.asset.access_control"

"""What may be accessed."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AccessView": "tradewind.authoring.provider_kit.access:AccessView",
        "AssetAliasDetails": "tradewind.authoring.provider_kit.access:AssetAliasDetails",
        "AssetDetails": "tradewind.authoring.provider_kit.access:AssetDetails",
        "BackfillDetails": "tradewind.authoring.provider_kit.access:BackfillDetails",
        "ConfigurationDetails": "tradewind.authoring.provider_kit.access:ConfigurationDetails",
        "ConnectionDetails": "tradewind.authoring.provider_kit.access:ConnectionDetails",
        "DagAccessEntity": "tradewind.authoring.provider_kit.access:DagAccessEntity",
        "DagDetails": "tradewind.authoring.provider_kit.access:DagDetails",
        "PoolDetails": "tradewind.authoring.provider_kit.access:PoolDetails",
        "TeamDetails": "tradewind.authoring.provider_kit.access:TeamDetails",
        "VariableDetails": "tradewind.authoring.provider_kit.access:VariableDetails",
    },
)

"""Assets as the database has them."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AssetAliasModel": "tradewind.authoring.provider_kit.no_database:AssetAliasModel",
        "AssetEvent": "tradewind.authoring.provider_kit.no_database:AssetEvent",
        "AssetModel": "tradewind.authoring.provider_kit.no_database:AssetModel",
        "TaskOutletAssetReference": "tradewind.authoring.provider_kit.no_database:TaskOutletAssetReference",
        "expand_alias_to_assets": "tradewind.authoring.provider_kit.no_database:expand_alias_to_assets",
    },
)

"""Assets."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "Asset": "tradewind:Asset",
        "AssetAlias": "tradewind:AssetAlias",
        "AssetAliasUniqueKey": "tradewind.authoring.assets:AssetAliasUniqueKey",
        "AssetAll": "tradewind:AssetAll",
        "AssetAny": "tradewind:AssetAny",
        "AssetBooleanCondition": "tradewind.authoring.assets:AssetBooleanCondition",
        "AssetNameRef": "tradewind.authoring.assets:AssetNameRef",
        "AssetRef": "tradewind.authoring.assets:AssetRef",
        "AssetUniqueKey": "tradewind.authoring.assets:AssetUniqueKey",
        "AssetUriRef": "tradewind.authoring.assets:AssetUriRef",
        "AssetWatcher": "tradewind:AssetWatcher",
        "BaseAsset": "tradewind.authoring.assets:BaseAsset",
        "Dataset": "tradewind.authoring.assets:Dataset",
        "Model": "tradewind.authoring.assets:Model",
        "_get_normalized_scheme": "tradewind.authoring.assets.uris:scheme_of",
    },
)

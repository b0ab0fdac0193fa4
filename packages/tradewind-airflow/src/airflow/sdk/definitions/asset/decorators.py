"""@asset."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AssetDefinition": "tradewind.authoring.assets.decorator:AssetDefinition",
        "MultiAssetDefinition": "tradewind.authoring.assets.decorator:MultiAssetDefinition",
        "asset": "tradewind:asset",
    },
)

"""Which teams may use an asset."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AssetAccessControl": "tradewind:AssetAccessControl",
    },
)

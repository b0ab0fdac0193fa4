"""What a store of state is written with."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AssetScope": "tradewind.authoring.provider_kit.state_backends:AssetScope",
        "BaseStoreBackend": "tradewind.authoring.provider_kit.state_backends:BaseStoreBackend",
        "StoreScope": "tradewind.authoring.provider_kit.state_backends:StoreScope",
        "TaskScope": "tradewind.authoring.provider_kit.state_backends:TaskScope",
    },
)

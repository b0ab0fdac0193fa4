"""What the installed provider packages bring."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DialectInfo": "tradewind.authoring.provider_kit.providers_manager:DialectInfo",
        "HookInfo": "tradewind.authoring.provider_kit.providers_manager:HookInfo",
        "PluginInfo": "tradewind.authoring.provider_kit.providers_manager:PluginInfo",
        "ProviderInfo": "tradewind.authoring.provider_packages:ProviderInfo",
        "ProvidersManager": "tradewind.authoring.provider_kit.providers_manager:ProvidersManager",
        "TriggerInfo": "tradewind.authoring.provider_kit.providers_manager:TriggerInfo",
    },
)

"""The same, as tasks see it."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "HookInfo": "tradewind.authoring.provider_kit.providers_manager:HookInfo",
        "PluginInfo": "tradewind.authoring.provider_kit.providers_manager:PluginInfo",
        "ProvidersManagerTaskRuntime": "tradewind.authoring.provider_kit.providers_manager:ProvidersManagerTaskRuntime",
    },
)

"""Options of provider packages."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "providers_configuration_loaded": "tradewind.authoring.server_kit.commands:providers_configuration_loaded",
    },
)

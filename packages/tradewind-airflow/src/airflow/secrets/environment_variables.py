"""Connections and variables from the environment."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "EnvironmentVariablesBackend": "tradewind.authoring.provider_kit.secrets_backend:EnvironmentVariablesBackend",
    },
)

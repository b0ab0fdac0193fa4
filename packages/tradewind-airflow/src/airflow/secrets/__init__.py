"""Where connections and variables may come from."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "BaseSecretsBackend": "tradewind.authoring.provider_kit.secrets_backend:BaseSecretsBackend",
    },
)

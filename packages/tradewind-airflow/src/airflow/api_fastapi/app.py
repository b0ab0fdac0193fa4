"""Where the login is."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AUTH_MANAGER_FASTAPI_APP_PREFIX": "tradewind.authoring.provider_kit.access:AUTH_MANAGER_FASTAPI_APP_PREFIX",
    },
)

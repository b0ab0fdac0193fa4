"""The cookie of a session."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "COOKIE_NAME_JWT_TOKEN": "tradewind.authoring.provider_kit.access:COOKIE_NAME_JWT_TOKEN",
    },
)

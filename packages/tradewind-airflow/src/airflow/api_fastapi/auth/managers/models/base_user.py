"""A user."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "BaseUser": "tradewind.authoring.server_kit.auth:BaseUser",
    },
)

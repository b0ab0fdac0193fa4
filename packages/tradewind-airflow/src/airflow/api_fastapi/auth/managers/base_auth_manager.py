"""Who may do what, and the cookie of a session."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "BaseAuthManager": "tradewind.authoring.server_kit.auth:BaseAuthManager",
        "COOKIE_NAME_JWT_TOKEN": "tradewind.authoring.provider_kit.access:COOKIE_NAME_JWT_TOKEN",
        "ExtendedResourceMethod": "tradewind.authoring.server_kit.auth:ExtendedResourceMethod",
        "ResourceMethod": "tradewind.authoring.server_kit.auth:ResourceMethod",
    },
)

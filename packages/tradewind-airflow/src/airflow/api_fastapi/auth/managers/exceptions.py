"""What goes wrong with a login."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AuthManagerRefreshTokenExpiredException": "tradewind.authoring.server_kit.auth:AuthManagerRefreshTokenExpiredException",
    },
)

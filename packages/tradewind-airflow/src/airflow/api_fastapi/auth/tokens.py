"""Tokens of a server."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "JWKS": "tradewind.authoring.server_kit.auth:JWKS",
        "JWTGenerator": "tradewind.authoring.server_kit.auth:JWTGenerator",
        "JWTValidator": "tradewind.authoring.server_kit.auth:JWTValidator",
        "get_signing_args": "tradewind.authoring.server_kit.auth:get_signing_args",
        "get_signing_key": "tradewind.authoring.server_kit.auth:get_signing_key",
    },
)

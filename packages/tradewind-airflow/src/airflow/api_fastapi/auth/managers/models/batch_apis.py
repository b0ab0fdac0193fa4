"""Many questions at once."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "IsAuthorizedConnectionRequest": "tradewind.authoring.server_kit.auth:IsAuthorizedConnectionRequest",
        "IsAuthorizedDagRequest": "tradewind.authoring.server_kit.auth:IsAuthorizedDagRequest",
        "IsAuthorizedPoolRequest": "tradewind.authoring.server_kit.auth:IsAuthorizedPoolRequest",
        "IsAuthorizedVariableRequest": "tradewind.authoring.server_kit.auth:IsAuthorizedVariableRequest",
    },
)

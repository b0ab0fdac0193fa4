"""What a route asks of its user."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "GetUserDep": "tradewind.authoring.server_kit.web:GetUserDep",
        "get_user": "tradewind.authoring.server_kit.web:get_user",
        "requires_access_asset": "tradewind.authoring.server_kit.web:requires_access",
        "requires_access_asset_alias": "tradewind.authoring.server_kit.web:requires_access",
        "requires_access_backfill": "tradewind.authoring.server_kit.web:requires_access",
        "requires_access_configuration": "tradewind.authoring.server_kit.web:requires_access",
        "requires_access_connection": "tradewind.authoring.server_kit.web:requires_access",
        "requires_access_dag": "tradewind.authoring.server_kit.web:requires_access",
        "requires_access_event_log": "tradewind.authoring.server_kit.web:requires_access",
        "requires_access_pool": "tradewind.authoring.server_kit.web:requires_access",
        "requires_access_variable": "tradewind.authoring.server_kit.web:requires_access",
        "requires_access_view": "tradewind.authoring.server_kit.web:requires_access",
        "requires_authenticated": "tradewind.authoring.server_kit.web:requires_access",
    },
)

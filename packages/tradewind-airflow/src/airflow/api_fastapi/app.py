"""Where the login is, and who checks it."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "API_ROOT_PATH": "tradewind.authoring.server_kit.menu:API_ROOT_PATH",
        "AUTH_MANAGER_FASTAPI_APP_PREFIX": "tradewind.authoring.provider_kit.access:AUTH_MANAGER_FASTAPI_APP_PREFIX",
        "create_auth_manager": "tradewind.authoring.server_kit.auth:create_auth_manager",
        "get_auth_manager": "tradewind.authoring.server_kit.auth:get_auth_manager",
        "get_cookie_path": "tradewind.authoring.server_kit.menu:get_cookie_path",
        "init_auth_manager": "tradewind.authoring.server_kit.auth:init_auth_manager",
    },
)

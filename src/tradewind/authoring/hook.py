"""BaseHook: the client of an outside system, made from a Connection."""

from typing import Any

from tradewind.authoring.connections import Connection
from tradewind.authoring.logs import LoggingMixin


class BaseHook(LoggingMixin):
    """Subclasses open the connection in get_conn()."""

    __module__ = "airflow.sdk.bases.hook"

    _log_config_logger_name = "airflow.task.hooks"

    def __init__(self, logger_name: str | None = None) -> None:
        self._logger_name = logger_name

    @classmethod
    def get_connection(cls, conn_id: str) -> Connection:
        """The connection. Raises AirflowNotFoundException."""
        return Connection.get(conn_id)

    @classmethod
    def get_hook(cls, conn_id: str, hook_params: dict[str, Any] | None = None) -> Any:
        """The hook that a connection's type asks for."""
        return cls.get_connection(conn_id).get_hook(hook_params=hook_params)

    @classmethod
    async def aget_connection(cls, conn_id: str) -> Connection:
        """get_connection, for coroutines."""
        return await Connection.async_get(conn_id)

    @classmethod
    async def aget_hook(cls, conn_id: str, hook_params: dict[str, Any] | None = None) -> Any:
        """get_hook, for coroutines."""
        return (await cls.aget_connection(conn_id)).get_hook(hook_params=hook_params)

    def get_conn(self) -> Any:
        """The client."""
        raise NotImplementedError(f"{type(self).__name__} has no get_conn method")

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        """Fields of its own in a connection form."""
        return {}

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        """How a connection form shows the common fields."""
        return {}

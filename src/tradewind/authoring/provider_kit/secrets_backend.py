"""BaseSecretsBackend: where connections and variables may come from."""

import os
from abc import ABC

from tradewind.authoring.connections import Connection
from tradewind.authoring.logs import LoggingMixin


class BaseSecretsBackend(ABC, LoggingMixin):
    """Subclasses answer get_conn_value, get_variable and get_config, or what they have of these."""

    __module__ = "airflow.secrets.base_secrets"

    @staticmethod
    def build_path(path_prefix: str, secret_id: str, sep: str = "/") -> str:
        """Where a secret is kept."""
        return f"{path_prefix}{sep}{secret_id}"

    def get_conn_value(self, conn_id: str, team_name: str | None = None) -> str | None:
        """A connection as URI or JSON, or None."""
        raise NotImplementedError(f"{type(self).__name__} has no get_conn_value method")

    def get_variable(self, key: str, team_name: str | None = None) -> str | None:
        """A variable's value, or None."""
        raise NotImplementedError(f"{type(self).__name__} has no get_variable method")

    def get_config(self, key: str) -> str | None:
        """An option's value, or None."""
        return None

    def deserialize_connection(self, conn_id: str, value: str) -> Connection:
        """The connection of a URI or JSON."""
        return Connection.from_text(value, conn_id)

    def get_connection(self, conn_id: str, team_name: str | None = None) -> Connection | None:
        """The connection, or None."""
        value = self.get_conn_value(conn_id=conn_id)
        return self.deserialize_connection(conn_id, value) if value else None


class EnvironmentVariablesBackend(BaseSecretsBackend):
    """AIRFLOW_CONN_... and AIRFLOW_VAR_..., and Tradewind's own."""

    __module__ = "airflow.secrets.environment_variables"

    def get_conn_value(self, conn_id: str, team_name: str | None = None) -> str | None:
        return _first("CONN", conn_id)

    def get_variable(self, key: str, team_name: str | None = None) -> str | None:
        return _first("VAR", key)


def _first(kind: str, name: str) -> str | None:
    for prefix in ("TRADEWIND", "AIRFLOW"):
        found = os.environ.get(f"{prefix}_{kind}_{name.upper()}")
        if found is not None:
            return found
    return None

"""PackageIndexHook: a package index that a connection of type `package_index` names."""

from typing import Any
from urllib.parse import quote, urlparse

from tradewind.authoring.hook import BaseHook


class PackageIndexHook(BaseHook):
    """Host is the index's URL; login and password are put into it."""

    __module__ = "airflow.providers.standard.hooks.package_index"

    conn_name_attr = "pi_conn_id"
    default_conn_name = "package_index_default"
    conn_type = "package_index"
    hook_name = "Package Index (Python)"

    def __init__(self, pi_conn_id: str = default_conn_name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pi_conn_id = pi_conn_id
        self.conn = None

    def get_connection_url(self) -> str:
        """The index's URL with its credentials. Raises ValueError without a host."""
        connection = self.get_connection(self.pi_conn_id)
        url = connection.host
        if not url:
            raise ValueError(f"connection {self.pi_conn_id!r} has no host: the URL of an index")
        if not connection.login:
            return url
        parsed = urlparse(url if "://" in url else f"https://{url}")
        secret = f":{quote(connection.password, safe='')}" if connection.password else ""
        place = f"{quote(connection.login, safe='')}{secret}@{parsed.netloc}"
        return parsed._replace(netloc=place).geturl()

    def get_conn(self) -> str:
        """The same."""
        return self.get_connection_url()

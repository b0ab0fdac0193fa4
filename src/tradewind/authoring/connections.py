"""Connection: where a system is and how to log in, as fields, URI or JSON."""

import importlib
import json
import os
import re
from typing import Any, Self

from tradewind.authoring import host, provider_packages, watch
from tradewind.authoring.connection_uri import EXTRA_KEY, normalise_type, parse_uri, render_uri
from tradewind.authoring.errors import AirflowException, AirflowNotFoundException
from tradewind.authoring.logs import LoggingMixin
from tradewind.model.requests import GetConnection

_PREFIXES = ("TRADEWIND_CONN_", "AIRFLOW_CONN_")
_CONN_ID = re.compile(r"^[\w#!()\-.:/\\]{1,250}$")
_FIELDS = ("conn_type", "description", "host", "login", "password", "schema", "port", "extra")


class Connection(LoggingMixin):
    """A connection. `uri` excludes the single fields."""

    __module__ = "airflow.sdk.definitions.connection"

    EXTRA_KEY = EXTRA_KEY

    def __init__(
        self,
        conn_id: str | None = None,
        conn_type: str | None = None,
        description: str | None = None,
        host: str | None = None,
        login: str | None = None,
        password: str | None = None,
        schema: str | None = None,
        port: int | str | None = None,
        extra: str | dict[str, Any] | None = None,
        uri: str | None = None,
    ) -> None:
        given = (conn_type, host, login, password, schema, port, extra)
        if uri is not None and any(value for value in given):
            raise AirflowException(
                f"connection {conn_id!r}: give either uri or the single fields, not both"
            )
        if conn_id is not None and not _CONN_ID.match(conn_id):
            self.log.warning("connection id %r has characters that cannot be used", conn_id)
        self.conn_id = conn_id
        self.description = description
        self.conn_type = conn_type
        self.host = host
        self.login = login
        self.password = password
        self.schema = schema
        self.port = _port(conn_id, port)
        self.extra = json.dumps(extra) if isinstance(extra, dict) else extra
        if uri is not None:
            self.__dict__.update(parse_uri(uri))

    @classmethod
    def get(cls, conn_id: str) -> "Connection":
        """The connection: from the environment, else the database.

        Raises AirflowNotFoundException.
        """
        value = from_environment(conn_id)
        if value is not None:
            return cls.from_text(value, conn_id)
        missing = f"The conn_id `{conn_id}` isn't defined"
        try:
            found = host.current().ask(GetConnection(conn_id=conn_id))
        except host.NoHost as error:
            raise AirflowNotFoundException(f"{missing}: {error}") from None
        if found is None:
            raise AirflowNotFoundException(missing)
        return cls(conn_id=conn_id, **{name: found.get(name) for name in _FIELDS})

    get_connection_from_secrets = get

    @classmethod
    async def async_get(cls, conn_id: str) -> "Connection":
        """get, for coroutines."""
        return cls.get(conn_id)

    @classmethod
    def from_text(cls, text: str, conn_id: str | None = None) -> Self:
        """From a URI, or from JSON if it begins with `{`."""
        if text.lstrip().startswith("{"):
            return cls.from_json(text, conn_id)
        return cls(conn_id=conn_id, uri=text)

    @classmethod
    def from_uri(cls, uri: str, conn_id: str | None = None) -> Self:
        """From `type://login:password@host:port/schema?key=value`."""
        return cls(conn_id=conn_id, uri=uri)

    @classmethod
    def from_json(cls, value: str, conn_id: str | None = None) -> Self:
        """From a JSON object of the fields, or of `uri`. Raises ValueError, TypeError."""
        try:
            fields = json.loads(value)
        except ValueError as error:
            raise ValueError(f"connection {conn_id!r} is not valid JSON: {error}") from None
        unknown = fields.keys() - {*_FIELDS, "uri", "conn_id"}
        if unknown:
            raise TypeError(
                f"connection {conn_id!r} has unknown fields {sorted(unknown)}; "
                f"known are {', '.join(_FIELDS)} and uri"
            )
        fields.pop("conn_id", None)
        if fields.get("conn_type"):
            fields["conn_type"] = normalise_type(fields["conn_type"])
        return cls(conn_id=conn_id, **fields)

    @property
    def extra_dejson(self) -> dict[str, Any]:
        """`extra` as a dict; empty where it is none."""
        if not self.extra:
            return {}
        try:
            value = json.loads(self.extra)
        except ValueError:
            self.log.warning("the extra of connection %r is not valid JSON", self.conn_id)
            return {}
        return value if isinstance(value, dict) else {}

    async def aextra_dejson(self) -> dict[str, Any]:
        """extra_dejson, for coroutines."""
        return self.extra_dejson

    async def aget_uri(self) -> str:
        """get_uri, for coroutines."""
        return self.get_uri()

    def get_extra_dejson(self, nested: bool = False) -> dict[str, Any]:
        """`extra` as a dict, with text that is JSON inside it read too if `nested`."""
        found = self.extra_dejson
        return {key: _loads(value) for key, value in found.items()} if nested else found

    def get_uri(self) -> str:
        """The connection as a URI that reads back as the same."""
        return render_uri(self)

    def get_password(self) -> str | None:
        """The password."""
        return self.password

    def get_extra(self) -> str | None:
        """The extra, as text."""
        return self.extra

    def to_dict(self, *, prune_empty: bool = False, validate: bool = True) -> dict[str, Any]:
        """The fields, conn_id included, with `extra` as a dict."""
        fields = {name: getattr(self, name) for name in ("conn_id", *_FIELDS)}
        fields["extra"] = self.extra_dejson
        if prune_empty:
            fields = {name: value for name, value in fields.items() if value not in (None, "", {})}
        return fields

    def as_json(self) -> str:
        """The fields as JSON, without conn_id and without empty ones."""
        fields = self.to_dict(prune_empty=True)
        fields.pop("conn_id", None)
        return json.dumps(fields)

    def get_hook(self, *, hook_params: dict[str, Any] | None = None) -> Any:
        """The hook for its type. Raises AirflowException for an unknown type."""
        known = provider_packages.hook_classes()
        if self.conn_type not in known:
            raise AirflowException(
                f"no hook is known for connection type {self.conn_type!r}: "
                "is its provider package installed?"
            )
        module, _, name = known[self.conn_type][1].rpartition(".")
        hook = getattr(importlib.import_module(module), name)
        return hook(**{hook.conn_name_attr: self.conn_id}, **(hook_params or {}))

    def test_connection(self) -> tuple[bool, str]:
        """Whether the hook can reach it, and what it says."""
        try:
            hook = self.get_hook()
            if not hasattr(hook, "test_connection"):
                return False, f"{type(hook).__name__} cannot test its connection"
            passed, message = hook.test_connection()
            return bool(passed), str(message)
        except Exception as error:
            return False, str(error)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Connection) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(self.conn_id)

    def __repr__(self) -> str:
        return f"Connection(conn_id={self.conn_id!r}, conn_type={self.conn_type!r})"

    def __str__(self) -> str:
        return self.conn_id or ""


def _port(conn_id: str | None, port: int | str | None) -> int | None:
    if port is None or port == "":
        return None
    try:
        return int(port)
    except ValueError:
        raise ValueError(f"connection {conn_id!r}: port must be a number, not {port!r}") from None


def _loads(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def from_environment(conn_id: str) -> str | None:
    """The value of TRADEWIND_CONN_<ID> or AIRFLOW_CONN_<ID>."""
    for prefix in _PREFIXES:
        name = prefix + conn_id.upper()
        watch.note_environment(name)
        value = os.environ.get(name)
        if value is not None:
            return value
    return None


class ConnectionAccessor:
    """`conn` in templates: `conn.warehouse.host`."""

    def __getattr__(self, conn_id: str) -> Connection:
        if conn_id.startswith("__"):
            raise AttributeError(conn_id)
        return Connection.get(conn_id)

    def get(self, conn_id: str, default: Any = None) -> Any:
        """The connection, else the default."""
        try:
            return Connection.get(conn_id)
        except AirflowNotFoundException:
            return default

    def __repr__(self) -> str:
        return "ConnectionAccessor()"

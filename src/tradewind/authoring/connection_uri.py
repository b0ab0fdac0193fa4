"""Connections as URIs: `type://login:password@host:port/schema?key=value`, both ways."""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from tradewind.authoring.errors import AirflowException

if TYPE_CHECKING:
    from tradewind.authoring.connections import Connection

EXTRA_KEY = "__extra__"
"""Query key that holds an extra that is no flat dict of texts."""


def normalise_type(conn_type: str) -> str:
    """`postgresql` is `postgres`; `-` counts as `_`."""
    return "postgres" if conn_type == "postgresql" else conn_type.replace("-", "_")


def parse_uri(uri: str) -> dict[str, Any]:
    """The fields in a URI. Raises AirflowException for one that cannot be read."""
    scheme, found, rest = uri.partition("://")
    protocol, inner, after = rest.partition("://")
    within_authority = inner and "/" not in protocol and "?" not in protocol
    if not found or "://" in after or (within_authority and "@" in protocol):
        raise AirflowException("a connection URI looks like type://login:password@host:port/schema")
    parts = urlsplit(f"//{after if within_authority else rest}")
    try:
        port = parts.port
    except ValueError:
        raise AirflowException("the port in a connection URI must be a number") from None
    host_name = unquote(_host_of(parts.netloc))
    path = unquote(parts.path.removeprefix("/"))
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return {
        "conn_type": normalise_type(scheme),
        "host": f"{protocol}://{host_name}" if within_authority else host_name,
        "schema": path,
        "login": unquote(parts.username) if parts.username is not None else None,
        "password": unquote(parts.password) if parts.password is not None else None,
        "port": port,
        "extra": _extra_of(query),
    }


def _extra_of(query: dict[str, str]) -> str | None:
    if EXTRA_KEY in query:
        return query[EXTRA_KEY]
    return json.dumps(query) if query else None


def _host_of(netloc: str) -> str:
    """The host of a netloc, in its own case."""
    rest = netloc.rpartition("@")[2]
    if rest.startswith("["):
        return rest[1:].partition("]")[0]
    return rest.partition(":")[0]


def render_uri(connection: "Connection") -> str:
    """`parse_uri` the other way round."""
    uri = f"{connection.conn_type.replace('_', '-')}://" if connection.conn_type else "//"
    protocol, found, name = (connection.host or "").partition("://")
    if found:
        uri += f"{protocol}://"
    else:
        name = protocol
    if connection.login is not None or connection.password is not None:
        uri += quote(connection.login or "", safe="")
        if connection.password is not None:
            uri += f":{quote(connection.password, safe='')}"
        uri += "@"
    uri += quote(name, safe="")
    if connection.port is not None:
        uri += f":{connection.port}"
    uri += f"/{quote(connection.schema, safe='')}" if connection.schema else ""
    if connection.extra:
        uri += ("" if connection.schema else "/") + f"?{_query_of(connection)}"
    return uri


def _query_of(connection: "Connection") -> str:
    fields = connection.extra_dejson
    flat = all(isinstance(value, str) for value in fields.values())
    if fields and flat and dict(parse_qsl(urlencode(fields), keep_blank_values=True)) == fields:
        return urlencode(fields)
    return urlencode({EXTRA_KEY: connection.extra})

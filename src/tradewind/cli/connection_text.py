"""Connections as text: a URI, or a JSON object. Pure.

Values of a URI's query are read as JSON where they are JSON: `?port=1` gives the number 1.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from tradewind.model.errors import UserError

Fields = dict[str, Any]
NAMES = ("conn_type", "description", "host", "schema", "login", "password", "port", "extra")
_WHOLE_EXTRA = "__extra__"
SHAPE = "TYPE://LOGIN:PASSWORD@HOST:PORT/SCHEMA?KEY=VALUE"


def from_uri(uri: str) -> Fields:
    """The fields of a connection. Raises UserError."""
    scheme, colon, rest = uri.partition("://")
    if not colon or not scheme:
        raise UserError(f"{uri!r} is not a connection URI: write {SHAPE}")
    protocol = ""
    if "://" in rest.partition("?")[0]:  # http://https://host/...: the host has its own protocol
        protocol, _, rest = rest.partition("://")
        if "://" in rest.partition("?")[0]:
            raise UserError(f"{uri!r} has more than two '://': write {SHAPE}")
    parts = urlsplit(f"any://{rest}")
    try:
        port = parts.port
    except ValueError:
        raise UserError(f"{uri!r} has a port that is not a number: write {SHAPE}") from None
    host = _decoded(_host_as_written(parts.netloc))
    conn_type = scheme.replace("-", "_")
    return {
        "conn_type": {"postgresql": "postgres"}.get(conn_type, conn_type),
        "host": f"{protocol}://{host}" if protocol else host,
        "schema": _decoded(parts.path[1:]) or None,
        "login": _decoded(parts.username),
        "password": _decoded(parts.password),
        "port": port,
        "extra": _extra_from_query(parts.query),
    }


def _host_as_written(netloc: str) -> str | None:
    """The host without lower-casing it."""
    place = netloc.rpartition("@")[2]
    host = place[1:].partition("]")[0] if place.startswith("[") else place.partition(":")[0]
    return host or None


def _decoded(text: str | None) -> str | None:
    return None if text is None else unquote(text)


def _extra_from_query(query: str) -> str | None:
    pairs = dict(parse_qsl(query, keep_blank_values=True))
    if not pairs:
        return None
    if _WHOLE_EXTRA in pairs:
        return pairs[_WHOLE_EXTRA]
    return json.dumps({name: _as_json(value) for name, value in pairs.items()})


def _as_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def to_uri(fields: Mapping[str, Any]) -> str:
    """A URI that `from_uri` reads back the same."""
    host = fields.get("host") or ""
    protocol, colon, bare = host.partition("://")
    if not colon:
        protocol, bare = "", host
    login, password = fields.get("login"), fields.get("password")
    user = "" if login is None and password is None else quote(login or "", safe="")
    user += "" if password is None else f":{quote(password, safe='')}"
    place = f"{user}@" if login is not None or password is not None else ""
    place += f"[{bare}]" if ":" in bare else quote(bare, safe="")
    place += "" if fields.get("port") is None else f":{fields['port']}"
    path = f"/{quote(fields['schema'], safe='')}" if fields.get("schema") else ""
    inner = f"{protocol}://" if protocol else ""
    scheme = str(fields["conn_type"]).replace("_", "-")
    return f"{scheme}://{inner}{place}{path}{_query(fields.get('extra'))}"


def _query(extra: str | None) -> str:
    if not extra:
        return ""
    data = _as_json(extra)
    flat = isinstance(data, dict) and all(isinstance(value, str) for value in data.values())
    if flat and data:
        query = urlencode(data)
        if _as_json(_extra_from_query(query) or "") == data:
            return f"?{query}"
    return f"?{urlencode({_WHOLE_EXTRA: extra})}"


def from_json(data: Any, where: str) -> Fields:
    """The fields of a connection given as a JSON object. Raises UserError."""
    if isinstance(data, str):
        return from_uri(data)
    if not isinstance(data, dict):
        raise UserError(f"{where} must be a URI or an object with {', '.join(NAMES)}")
    if set(data) == {"uri"}:
        return from_uri(str(data["uri"]))
    known = {key: value for key, value in data.items() if key not in ("conn_id", "get_uri")}
    unknown = sorted(set(known) - set(NAMES))
    if unknown:
        raise UserError(f"{where} has no {', '.join(unknown)}: it has {', '.join(NAMES)}")
    fields = {name: known.get(name) for name in NAMES}
    if isinstance(fields["extra"], dict | list):
        fields["extra"] = json.dumps(fields["extra"])
    try:
        fields["port"] = None if fields["port"] in (None, "") else int(fields["port"])
    except (TypeError, ValueError):
        raise UserError(f"{where}: port must be a number, not {fields['port']!r}") from None
    return fields

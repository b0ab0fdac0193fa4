"""Connections as text, where users give or take them: a URI, or a JSON object. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from tradewind.authoring.connection_uri import normalise_type, parse_uri
from tradewind.authoring.connections import Connection
from tradewind.authoring.errors import AirflowException
from tradewind.model.errors import UserError

Fields = dict[str, Any]
NAMES = ("conn_type", "description", "host", "schema", "login", "password", "port", "extra")
SHAPE = "TYPE://LOGIN:PASSWORD@HOST:PORT/SCHEMA?KEY=VALUE"


def from_uri(uri: str) -> Fields:
    """The fields of a connection. Raises UserError."""
    try:
        return parse_uri(uri)
    except AirflowException as error:
        raise UserError(f"{uri!r}: {error}") from error


def to_uri(fields: Mapping[str, Any]) -> str:
    """A URI that `from_uri` reads back the same."""
    return Connection(**{name: fields.get(name) for name in NAMES}).get_uri()


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
    if fields["conn_type"]:
        fields["conn_type"] = normalise_type(str(fields["conn_type"]))
    if isinstance(fields["extra"], dict | list):
        fields["extra"] = json.dumps(fields["extra"])
    try:
        fields["port"] = None if fields["port"] in (None, "") else int(fields["port"])
    except (TypeError, ValueError):
        raise UserError(f"{where}: port must be a number, not {fields['port']!r}") from None
    return fields

"""Connections."""

import json
from typing import Any, Self

from pydantic import ConfigDict, Field, field_validator

from tradewind.model.secret_names import MASK
from tradewind.server.api.schemas.answer import Answer
from tradewind.server.api.schemas.fields import Body, PageQuery
from tradewind.server.masking import mask, unmask
from tradewind.storage.listings.connections import ConnectionRow


class ConnectionResponse(Answer):
    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    connection_id: str
    conn_type: str
    description: str | None
    host: str | None
    login: str | None
    schema_: str | None = Field(alias="schema")
    port: int | None
    password: str | None
    extra: str | None
    team_name: str | None = None

    @classmethod
    def of(cls, row: ConnectionRow, *, masked: bool) -> Self:
        return cls(
            connection_id=row.conn_id,
            conn_type=row.conn_type,
            description=row.description,
            host=row.host,
            login=row.login,
            schema=row.schema,
            port=row.port,
            password=MASK if masked and row.password else row.password,
            extra=shown_extra(row.extra) if masked else row.extra,
        )


class ConnectionCollectionResponse(Answer):
    connections: list[ConnectionResponse]
    total_entries: int


class ConnectionBody(Body):
    model_config = ConfigDict(extra="forbid", validate_by_name=True, validate_by_alias=True)

    connection_id: str = Field(min_length=1, max_length=200, pattern=r"^[\w.-]+$")
    conn_type: str = Field(min_length=1, max_length=500)
    description: str | None = None
    host: str | None = Field(default=None, max_length=500)
    login: str | None = None
    schema_: str | None = Field(default=None, alias="schema", max_length=500)
    port: int | None = Field(default=None, ge=0, le=65535)
    password: str | None = None
    extra: str | None = None
    team_name: str | None = None

    @field_validator("extra")
    @classmethod
    def _is_an_object(cls, extra: str | None) -> str | None:
        if extra and extra != MASK and not isinstance(_json(extra), dict):
            raise ValueError('extra must be the text of a JSON object, such as {"region": "eu"}')
        return extra


class ConnectionsQuery(PageQuery):
    connection_id_pattern: str | None = None
    connection_id_prefix_pattern: str | None = None


def shown_extra(extra: str | None) -> str | None:
    """`extra` without its secrets; whole where it is not JSON and cannot be looked into."""
    if not extra:
        return extra
    parsed = _json(extra)
    if not isinstance(parsed, dict | list):
        return MASK
    masked = mask(parsed)
    return extra if masked == parsed else json.dumps(masked)


def kept_password(written: str | None, stored: str | None) -> str | None:
    """What to store: `***` stands for what was there."""
    return stored if written == MASK else written


def kept_extra(written: str | None, stored: str | None) -> str | None:
    """What to store: each `***` stands for what was there."""
    if not written or not stored:
        return written
    if written == MASK:
        return stored
    new = _json(written)
    merged = unmask(new, _json(stored))
    return written if merged == new else json.dumps(merged)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None

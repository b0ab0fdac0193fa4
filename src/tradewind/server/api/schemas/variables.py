"""Variables."""

import json
from typing import Any, Self

from pydantic import Field, JsonValue

from tradewind.model.secret_names import MASK, is_secret
from tradewind.server.api.schemas.answer import Answer
from tradewind.server.api.schemas.fields import Body, PageQuery
from tradewind.server.masking import mask, unmask
from tradewind.storage.listings.variables import VariableRow


class VariableResponse(Answer):
    key: str
    value: str
    description: str | None
    is_encrypted: bool = True
    team_name: str | None = None

    @classmethod
    def of(cls, row: VariableRow, *, masked: bool) -> Self:
        return cls(
            key=row.key,
            value=shown_value(row.key, row.value) if masked else row.value,
            description=row.description,
        )


class VariableCollectionResponse(Answer):
    variables: list[VariableResponse]
    total_entries: int


class VariableBody(Body):
    key: str = Field(min_length=1, max_length=250)
    value: JsonValue
    description: str | None = None
    team_name: str | None = None

    @property
    def text(self) -> str:
        """The value as it is stored: text as it is, anything else as JSON."""
        return self.value if isinstance(self.value, str) else json.dumps(self.value)


class VariablesQuery(PageQuery):
    variable_key_pattern: str | None = None
    variable_key_prefix_pattern: str | None = None


def shown_value(key: str, value: str) -> str:
    """A variable's value without its secrets: those its own key or keys within it name."""
    if is_secret(key):
        return MASK
    parsed = _json(value)
    if not isinstance(parsed, dict | list):
        return value
    masked = mask(parsed)
    return value if masked == parsed else json.dumps(masked)


def kept_value(key: str, written: str, stored: str) -> str:
    """What to store when a masked value is written back: `***` stands for what was there."""
    if is_secret(key) and written == MASK:
        return stored
    new = _json(written)
    if not isinstance(new, dict | list):
        return written
    merged = unmask(new, _json(stored))
    return written if merged == new else json.dumps(merged)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None

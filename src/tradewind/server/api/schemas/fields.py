"""Types that several resources share."""

import json
import math
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer

_IDS = uuid.UUID("6f6f1a2c-6d3e-5d0a-9a35-5d6b7c1f0e21")
"""Namespace of the ids that clients expect and our rows, named by their keys, do not have."""

INT_MAX = 2**31 - 1

DEPTH_MAX = 100
"""Lists and objects inside each other; what stands deeper is shown as text."""

AskedInt = Annotated[int, Field(ge=-INT_MAX, le=INT_MAX)]
"""A number to filter by."""


def stable_id(*parts: object) -> str:
    """The same UUID for the same parts, always."""
    return str(uuid.uuid5(_IDS, "\x1f".join(str(part) for part in parts)))


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the date is out of range") from error


Moment = Annotated[datetime, AfterValidator(_in_utc)]
"""A moment in UTC; one that names no time zone is taken as UTC."""


def json_safe(value: Any, depth: int = 0) -> Any:
    """JSON data that every reader takes: no NaN, no infinity, no lone surrogates, not too deep."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        if value.isascii():
            return value
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict | list) and depth >= DEPTH_MAX:
        return _as_text(value)
    if isinstance(value, dict):
        return {json_safe(key): json_safe(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [json_safe(item, depth + 1) for item in value]
    return value


def _as_text(value: Any) -> str:
    try:
        return json.dumps(value)
    except RecursionError:
        return "..."


def _not_too_deep(value: dict[str, object]) -> dict[str, object]:
    level: list[object] = [value]
    for _ in range(DEPTH_MAX + 1):
        inside = [item for item in level if isinstance(item, dict | list)]
        if not inside:
            return value
        level = [
            item
            for outer in inside
            for item in (outer.values() if isinstance(outer, dict) else outer)
        ]
    raise ValueError(f"at most {DEPTH_MAX} lists and objects may stand inside each other")


Conf = Annotated[dict[str, object], AfterValidator(_not_too_deep)]
"""The conf of a run, as it is asked for."""

Json = Annotated[Any, PlainSerializer(json_safe, return_type=Any)]
"""Any JSON value that a user's code made."""

JsonObject = Annotated[dict[str, Any], PlainSerializer(json_safe, return_type=dict[str, Any])]

Note = Annotated[str, Field(max_length=1000)]


class Body(BaseModel):
    """A request's body: a field it does not know is an error."""

    model_config = ConfigDict(extra="forbid")


class PageQuery(BaseModel):
    """`limit`, `offset` and `order_by` of a list."""

    limit: int | None = Field(default=None, ge=0, le=INT_MAX)
    offset: int = Field(default=0, ge=0, le=INT_MAX)
    order_by: list[str] = Field(
        default=[], description="Names to order by, each with a leading `-` for descending order."
    )


def seconds(start: datetime | None, end: datetime | None) -> float | None:
    """From `start` to `end`, None while either is missing."""
    return None if start is None or end is None else (end - start).total_seconds()

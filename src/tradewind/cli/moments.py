"""Dates and JSON given as arguments."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

FORMAT = "YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS[+HH:MM]"


class DateType(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """An ISO 8601 date or date and time; without an offset it is in the default time zone."""

    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date: write {FORMAT}.", param, ctx)


class JsonObjectType(click.ParamType):  # type: ignore[type-arg]
    """A JSON object."""

    name = "json"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        try:
            data = json.loads(value)
        except ValueError as error:
            self.fail(f"{value!r} is not JSON: {error}.", param, ctx)
        if not isinstance(data, dict):
            self.fail(f'{value!r} is not a JSON object: write {{"key": "value"}}.', param, ctx)
        return data


DATE = DateType()
JSON_OBJECT = JsonObjectType()


def in_utc(value: datetime, timezone: str) -> datetime:
    """`value` in UTC; one without an offset is taken to be in `timezone`."""
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC if timezone.lower() == "utc" else ZoneInfo(timezone))
    return value.astimezone(UTC)


def as_date(text: str, timezone: str) -> datetime | None:
    """`text` as a moment in UTC if it is a date, for arguments that may also be a run_id."""
    try:
        return in_utc(datetime.fromisoformat(text), timezone)
    except ValueError:
        return None

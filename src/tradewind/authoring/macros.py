"""`macros` in templates."""

import json
import time
from datetime import datetime, timedelta
from random import random
from typing import TYPE_CHECKING, Any

import dateutil.parser
import dateutil.relativedelta
import pendulum

from tradewind.authoring.lazy import LazyModule

if TYPE_CHECKING:
    import uuid

    import yaml

    from tradewind.authoring import date_patterns
else:
    date_patterns = LazyModule("tradewind.authoring.date_patterns")
    uuid = LazyModule("uuid")
    yaml = LazyModule("yaml")

__all__ = [
    "datetime",
    "datetime_diff_for_humans",
    "dateutil",
    "ds_add",
    "ds_format",
    "ds_format_locale",
    "json",
    "random",
    "time",
    "timedelta",
    "uuid",
    "yaml",
]


def ds_add(ds: str, days: int) -> str:
    """The day `days` after (or before, if negative) a YYYY-MM-DD."""
    if not days:
        return str(ds)
    moved = datetime.strptime(str(ds), "%Y-%m-%d") + timedelta(days=days)  # noqa: DTZ007
    return moved.strftime("%Y-%m-%d")


def ds_format(ds: str, input_format: str, output_format: str) -> str:
    """A date text from one strftime format to another."""
    return datetime.strptime(str(ds), input_format).strftime(output_format)  # noqa: DTZ007


def ds_format_locale(ds: str, input_format: str, output_format: str, locale: Any = None) -> str:
    """A date text from a strftime format to a pattern such as `EEEE d MMMM yyyy`, in a language."""
    moment = datetime.strptime(str(ds), input_format)  # noqa: DTZ007
    return date_patterns.write(moment, output_format, None if locale is None else str(locale))


def datetime_diff_for_humans(dt: Any, since: datetime | None = None) -> str:
    """`2 hours ago`, or how far `dt` is from `since`."""
    other = None if since is None else pendulum.instance(since)
    return str(pendulum.instance(dt).diff_for_humans(other))

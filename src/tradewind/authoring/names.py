"""Ids and names: what they may look like, and what a misspelt one may have meant."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tradewind.authoring.lazy import LazyModule

if TYPE_CHECKING:
    import difflib
else:
    difflib = LazyModule("difflib")

_KEY = re.compile(r"[\w.-]+")
_GROUP_KEY = re.compile(r"[\w-]+")


def check_key(value: object, what: str, *, max_length: int = 250) -> str:
    """`value` if it can be an id. Raises TypeError or ValueError saying what can."""
    return _check(value, what, _KEY, "dashes, dots and underscores", max_length)


def check_group_key(value: object) -> str:
    """`value` if it can be a group_id: no dots, as they part the levels."""
    return _check(value, "group_id", _GROUP_KEY, "dashes and underscores", 200)


def _check(value: object, what: str, pattern: re.Pattern[str], marks: str, max_length: int) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a string, not {type(value).__name__}: {value!r}")
    if len(value) > max_length:
        raise ValueError(
            f"{what} {value[:40]!r}... has {len(value)} characters; at most "
            f"{max_length} are possible"
        )
    if not pattern.fullmatch(value):
        raise ValueError(f"{what} {value!r} must be made of letters, digits, {marks}")
    return value


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or nothing where no known name is near."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def is_valid_key(value: str) -> bool:
    """Whether `value` can be an id."""
    return bool(_KEY.fullmatch(value)) and len(value) <= 250

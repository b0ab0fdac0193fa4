"""What an option may be: a text or TOML value turned into the type of its dataclass field.

Knows nothing of where a value was found; errors say only what would be right.
"""

import dataclasses
import typing
from pathlib import Path
from types import UnionType
from typing import Any
from zoneinfo import ZoneInfo

_TRUE = ("true", "t", "yes", "on", "1")
_FALSE = ("false", "f", "no", "off", "0")


class BadValue(Exception):
    """The message says what the value must be."""


def read(option: dataclasses.Field[Any], annotation: Any, raw: Any) -> Any:
    """Turn `raw` (text, or what TOML gave) into the option's type. Raises BadValue."""
    if typing.get_origin(annotation) in (typing.Union, UnionType):
        if raw is None or raw == "":
            return None
        (annotation,) = [arg for arg in typing.get_args(annotation) if arg is not type(None)]
    value: Any = _READERS[annotation](raw)
    choices = option.metadata["choices"]
    if choices:
        value = _choose(value, choices)
    minimum = option.metadata["minimum"]
    if minimum is not None and value < minimum:
        raise BadValue(f"at least {minimum:g}")
    if option.name == "default_timezone":
        _check_timezone(value)
    return value


def _choose(value: str, choices: tuple[str, ...]) -> str:
    for choice in choices:
        if value.lower() == choice.lower():
            return choice
    *others, last = choices
    raise BadValue(f"{', '.join(others)} or {last}")


def _check_timezone(value: str) -> None:
    if value.lower() in ("utc", "system"):
        return
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise BadValue("a time zone such as utc, system or Europe/Paris") from None


def _read_bool(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.strip().lower() in _TRUE:
        return True
    if isinstance(raw, str) and raw.strip().lower() in _FALSE:
        return False
    raise BadValue("true or false")


def _read_int(raw: Any) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    if isinstance(raw, str):
        try:
            return int(raw)
        except ValueError:
            pass
    raise BadValue("a whole number")


def _read_float(raw: Any) -> float:
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return float(raw)
    if isinstance(raw, str):
        try:
            return float(raw)
        except ValueError:
            pass
    raise BadValue("a number")


def _read_str(raw: Any) -> str:
    if isinstance(raw, str):
        return raw
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return str(raw)
    raise BadValue("text in quotes")


def _read_path(raw: Any) -> Path:
    if isinstance(raw, str) and raw.strip():
        return Path(raw.strip())
    raise BadValue("a path in quotes")


_READERS = {
    bool: _read_bool,
    int: _read_int,
    float: _read_float,
    str: _read_str,
    Path: _read_path,
}

"""XCom values to JSON data and back.

JSON's own types are themselves; datetimes, dates, times, timedeltas, zones, tuples, sets, Decimals,
UUIDs and floats that JSON lacks are wrapped with their class's name. Anything else is refused.
"""

import datetime as dt
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tradewind.authoring.errors import DeserializationError
from tradewind.authoring.lazy import LazyModule

if TYPE_CHECKING:
    import pendulum
else:
    pendulum = LazyModule("pendulum")

CLASSNAME = "__classname__"
VERSION = "__version__"
DATA = "__data__"


class NotSerialisable(TypeError):
    """A value that cannot cross from one task to another; the message says why and where."""


def serialize(value: Any, where: str = "") -> Any:
    """`value` as JSON data. Raises NotSerialisable naming what in it cannot be."""
    return _dump(value, where, ())


def deserialize(data: Any) -> Any:
    """What `serialize` made `data` of. Raises DeserializationError for an unknown class."""
    if isinstance(data, list):
        return [deserialize(item) for item in data]
    if not isinstance(data, dict):
        return data
    if CLASSNAME not in data:
        return {key: deserialize(item) for key, item in data.items()}
    reader = _READERS.get(data[CLASSNAME])
    if reader is None:
        raise DeserializationError(
            f"a value of class {data[CLASSNAME]} cannot be read here; known are "
            f"{', '.join(_READERS)}"
        )
    return reader(data[DATA])


def _dump(value: Any, where: str, around: tuple[int, ...]) -> Any:
    if isinstance(value, Enum) and isinstance(value, str | int):
        value = value.value
    if value is None or isinstance(value, bool | str):
        return value
    if type(value) is int:
        return value
    if type(value) is float:
        return value if math.isfinite(value) else _wrapped("builtins.float", repr(value))
    if id(value) in around:
        raise NotSerialisable(f"{where or 'the value'} contains itself")
    inside = (*around, id(value))
    if isinstance(value, Mapping):
        return _dump_mapping(value, where, inside)
    if isinstance(value, list):
        return [_dump(item, f"{where}[{i}]", inside) for i, item in enumerate(value)]
    if type(value).__name__ == "LazyXComSequence":
        return [_dump(item, f"{where}[{i}]", inside) for i, item in enumerate(value)]
    if isinstance(value, tuple | set | frozenset):
        name = next(kind for kind in (tuple, set, frozenset) if isinstance(value, kind)).__name__
        items = value if isinstance(value, tuple) else sorted(value, key=repr)
        dumped = [_dump(item, f"{where}[{i}]", inside) for i, item in enumerate(items)]
        return _wrapped(f"builtins.{name}", dumped)
    return _dump_other(value, where)


def _dump_mapping(value: Mapping[Any, Any], where: str, inside: tuple[int, ...]) -> Any:
    if CLASSNAME in value:
        raise NotSerialisable(f"{where or 'the dict'} has the key {CLASSNAME!r}, which is reserved")
    return {str(key): _dump(item, f"{where}[{key!r}]", inside) for key, item in value.items()}


def _dump_other(value: Any, where: str) -> Any:
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return _dump(value.tolist(), where, ())
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    kind_name = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    raise NotSerialisable(f"{where or 'the value'} is a {kind_name}, which is no JSON data")


def _wrapped(name: str, data: Any) -> dict[str, Any]:
    return {CLASSNAME: name, VERSION: 1, DATA: data}


def _write_datetime(value: dt.datetime) -> dict[str, Any]:
    is_pendulum = type(value).__module__.startswith("pendulum")
    name = "pendulum.datetime.DateTime" if is_pendulum else "datetime.datetime"
    zone = getattr(value.tzinfo, "key", None) or getattr(value.tzinfo, "name", None)
    return _wrapped(name, {"iso": value.isoformat(), "tz": zone if isinstance(zone, str) else None})


def _read_datetime(data: dict[str, Any]) -> dt.datetime:
    value = dt.datetime.fromisoformat(data["iso"])
    zone = data.get("tz")
    if not zone or value.tzinfo is None:
        return value
    try:
        return value.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError):
        return value


def _read_pendulum(data: dict[str, Any]) -> dt.datetime:
    return pendulum.instance(_read_datetime(data), tz=None)


_WRITERS: tuple[tuple[type, Callable[[Any], dict[str, Any]]], ...] = (
    (dt.datetime, _write_datetime),
    (dt.date, lambda value: _wrapped("datetime.date", value.isoformat())),
    (dt.time, lambda value: _wrapped("datetime.time", value.isoformat())),
    (
        dt.timedelta,
        lambda value: _wrapped(
            "datetime.timedelta", [value.days, value.seconds, value.microseconds]
        ),
    ),
    (ZoneInfo, lambda value: _wrapped("zoneinfo.ZoneInfo", value.key)),
    (Decimal, lambda value: _wrapped("decimal.Decimal", str(value))),
    (UUID, lambda value: _wrapped("uuid.UUID", str(value))),
)

_READERS: Mapping[str, Callable[[Any], Any]] = {
    "builtins.float": float,
    "builtins.tuple": lambda data: tuple(deserialize(item) for item in data),
    "builtins.set": lambda data: {deserialize(item) for item in data},
    "builtins.frozenset": lambda data: frozenset(deserialize(item) for item in data),
    "datetime.datetime": _read_datetime,
    "pendulum.datetime.DateTime": _read_pendulum,
    "datetime.date": dt.date.fromisoformat,
    "datetime.time": dt.time.fromisoformat,
    "datetime.timedelta": lambda data: dt.timedelta(*data),
    "zoneinfo.ZoneInfo": ZoneInfo,
    "decimal.Decimal": Decimal,
    "uuid.UUID": UUID,
}

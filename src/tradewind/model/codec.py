"""Dataclasses of `model` to plain JSON data and back, by their type annotations.

Handles dataclasses, NamedTuples, enums, datetimes (ISO 8601), tuples, lists, dicts, optionals and
plain JSON values. A field at its default is left out, so stored Plans stay small and old ones can
be read after a field is added.
"""

import dataclasses
import sys
import types
import typing
from collections.abc import Callable, Hashable
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar


def to_data(value: Any) -> Any:
    """Turn `value` into JSON data."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: to_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_data(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            name: to_data(item)
            for name, default in _defaults(type(value))
            if (item := getattr(value, name)) != default
        }
    raise TypeError(f"{type(value).__name__} is not part of the model: {value!r}")


T = TypeVar("T")


def from_data(cls: type[T], data: Any) -> T:
    """Build a `cls` from what `to_data` made of one. Raises ValueError for anything else."""
    try:
        value: T = _reader(cls)(data)  # type: ignore[arg-type]
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a {cls.__name__}: {error}") from error
    return value


@cache
def _defaults(cls: type) -> tuple[tuple[str, Any], ...]:
    return tuple(
        (
            item.name,
            item.default_factory()
            if item.default_factory is not dataclasses.MISSING
            else item.default,
        )
        for item in dataclasses.fields(cls)
    )


@cache
def _reader(annotation: Hashable) -> Callable[[Any], Any]:
    origin = typing.get_origin(annotation)
    args = typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        (inner,) = [arg for arg in args if arg is not type(None)]
        read = _reader(inner)
        return lambda data: None if data is None else read(data)
    if origin is tuple:
        return _tuple_reader(args)
    if origin is list:
        read_item = _reader(args[0])
        return lambda data: [read_item(item) for item in data]
    if origin is dict:
        read_value = _reader(args[1])
        return lambda data: {key: read_value(item) for key, item in data.items()}
    if annotation is datetime:
        return datetime.fromisoformat
    if isinstance(annotation, type):
        if issubclass(annotation, Enum):
            return annotation
        if dataclasses.is_dataclass(annotation):
            return _dataclass_reader(annotation)
        if issubclass(annotation, tuple):
            return lambda data: annotation(*data)
        if annotation is float:
            return float
    return lambda data: data


def _tuple_reader(args: tuple[Any, ...]) -> Callable[[Any], Any]:
    if len(args) == 2 and args[1] is Ellipsis:
        if args[0] is str:  # ids, which a Plan of many edges repeats many times
            return lambda data: tuple(map(sys.intern, data))
        read_item = _reader(args[0])
        return lambda data: tuple(read_item(item) for item in data)
    readers = tuple(_reader(arg) for arg in args)
    return lambda data: tuple(read(item) for read, item in zip(readers, data, strict=True))


def _dataclass_reader(cls: type) -> Callable[[Any], Any]:
    hints = typing.get_type_hints(cls)
    names = {item.name for item in dataclasses.fields(cls)}

    def read(data: Any) -> Any:
        return cls(
            **{name: _reader(hints[name])(item) for name, item in data.items() if name in names}
        )

    return read

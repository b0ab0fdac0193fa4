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

_PLAIN = frozenset([type(None), bool, int, float, str])


def to_data(value: Any) -> Any:
    """Turn `value` into JSON data. Raises TypeError for what is not part of the model."""
    kind = type(value)
    return value if kind in _PLAIN else _writer(kind)(value)  # type: ignore[arg-type]


T = TypeVar("T")


def from_data(cls: type[T], data: Any) -> T:
    """Build a `cls` from what `to_data` made of one. Raises ValueError for anything else."""
    try:
        value: T = _reader(cls)(data)  # type: ignore[arg-type]
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a {cls.__name__}: {error}") from error
    return value


@cache
def _writer(kind: Hashable) -> Callable[[Any], Any]:
    assert isinstance(kind, type)
    if issubclass(kind, Enum):
        return lambda value: value.value
    if issubclass(kind, bool | int | float | str):
        return lambda value: value
    if issubclass(kind, datetime):
        return lambda value: value.isoformat()
    if issubclass(kind, dict):
        return lambda value: {key: to_data(item) for key, item in value.items()}
    if issubclass(kind, list | tuple):
        return lambda value: [to_data(item) for item in value]
    if dataclasses.is_dataclass(kind):
        return _dataclass_writer(kind)
    raise TypeError(f"{kind.__name__} is not part of the model")


def _dataclass_writer(kind: type) -> Callable[[Any], Any]:
    fields = tuple(
        (
            item.name,
            item.default_factory()
            if item.default_factory is not dataclasses.MISSING
            else item.default,
        )
        for item in dataclasses.fields(kind)
    )
    return lambda value: {
        name: to_data(item) for name, default in fields if (item := getattr(value, name)) != default
    }


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
    readers: dict[str, Callable[[Any], Any]] = {}  # filled on first use: a class may hold its like

    def read(data: Any) -> Any:
        if not readers:
            readers.update({f.name: _reader(hints[f.name]) for f in dataclasses.fields(cls)})
        return cls(**{name: readers[name](item) for name, item in data.items() if name in readers})

    return read

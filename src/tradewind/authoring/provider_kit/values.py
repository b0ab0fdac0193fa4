"""Small questions about values, as `airflow.utils.helpers` and `airflow.utils.strings` answer them."""

import random
import re
import string
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, TypeVar

from tradewind.authoring.errors import AirflowException

T = TypeVar("T")

_KEY = re.compile(r"[\w.-]+")
_HUMP = re.compile(r"(?<!^)([A-Z]+)")
TRUE_LIKE_VALUES = frozenset({"on", "t", "true", "y", "yes", "1"})


def validate_key(k: str, max_length: int = 250) -> None:
    """Raises TypeError or AirflowException unless `k` can be an id."""
    if not isinstance(k, str):
        raise TypeError(f"a key must be text, not {type(k).__name__}: {k!r}")
    if len(k) > max_length:
        raise AirflowException(f"the key {k[:40]!r}... is longer than {max_length} characters")
    if not _KEY.fullmatch(k):
        raise AirflowException(
            f"the key {k!r} must be made of letters, digits, dashes, dots and underscores"
        )


def is_container(obj: Any) -> bool:
    """Whether it can be iterated over and is no text."""
    return hasattr(obj, "__iter__") and not isinstance(obj, str)


def chunks(items: list[T], chunk_size: int) -> Iterator[list[T]]:
    """Slices of at most `chunk_size`. Raises ValueError for a size below 1."""
    if chunk_size < 1:
        raise ValueError(f"chunk_size must be at least 1, not {chunk_size}")
    for start in range(0, len(items), chunk_size):
        yield items[start : start + chunk_size]


def as_flattened_list(iterable: Iterable[Iterable[T]]) -> list[T]:
    """The elements of the elements."""
    return list(chain.from_iterable(iterable))


def partition(pred: Callable[[T], bool], iterable: Iterable[T]) -> tuple[Iterable[T], Iterable[T]]:
    """Those that fail `pred` and those that pass it."""
    items = list(iterable)
    return [item for item in items if not pred(item)], [item for item in items if pred(item)]


def merge_dicts(dict1: dict[Any, Any], dict2: dict[Any, Any]) -> dict[Any, Any]:
    """Both, the second winning; dicts within are merged the same way."""
    merged = {**dict1, **dict2}
    for key in dict1.keys() & dict2.keys():
        if isinstance(dict1[key], dict) and isinstance(dict2[key], dict):
            merged[key] = merge_dicts(dict1[key], dict2[key])
    return merged


def prune_dict(val: Any, mode: str = "strict") -> Any:
    """Without what is None (strict) or falsy (truthy), within dicts and lists at any depth."""
    if mode not in ("strict", "truthy"):
        raise ValueError(f"mode must be 'strict' or 'truthy', not {mode!r}")

    def keep(value: Any) -> bool:
        return value is not None if mode == "strict" else bool(value)

    if isinstance(val, dict):
        pruned = {key: prune_dict(item, mode) for key, item in val.items() if keep(item)}
        return {key: item for key, item in pruned.items() if keep(item)}
    if isinstance(val, list):
        return [
            item for item in (prune_dict(item, mode) for item in val if keep(item)) if keep(item)
        ]
    return val


def convert_camel_to_snake(camel_str: str) -> str:
    """`HttpHook` -> `http_hook`."""
    return _HUMP.sub(r"_\1", camel_str).lower()


def exactly_one(*args: Any) -> bool:
    """Whether one argument is truthy. Raises ValueError for a list, which nobody means."""
    return _truthy("exactly_one", args) == 1


def at_most_one(*args: Any) -> bool:
    """Whether no more than one argument is truthy; one that was not given is not."""
    return _truthy("at_most_one", args) <= 1


def _truthy(asking: str, args: tuple[Any, ...]) -> int:
    if is_container(args[0]) if args else False:
        raise ValueError(f"{asking} takes the values one by one: {asking}(*values)")
    return sum(map(bool, args))


def get_random_string(length: int = 8, choices: str = string.ascii_letters + string.digits) -> str:
    """Text of random characters; no secret."""
    return "".join(random.choices(choices, k=length))  # noqa: S311


def to_boolean(astring: str | None) -> bool:
    """Whether a text says yes."""
    return astring is not None and astring.lower() in TRUE_LIKE_VALUES

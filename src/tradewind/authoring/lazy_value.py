"""A value of the context that is asked for only if somebody uses it.

Behaves like the value, but for `is`: a value that may be None is compared with `==`.
"""

import operator
from collections.abc import Callable
from typing import Any


class LazyValue:
    """Stands for what `compute` returns; calls it once."""

    __slots__ = ("_compute", "_value")

    def __init__(self, compute: Callable[[], Any]) -> None:
        self._compute: Callable[[], Any] | None = compute
        self._value: Any = None

    def value(self) -> Any:
        """The value itself."""
        if self._compute is not None:
            self._value, self._compute = self._compute(), None
        return self._value

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(self.value())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.value(), name)

    def __hash__(self) -> int:
        return hash(self.value())

    def __reduce__(self) -> Any:
        return (_itself, (self.value(),))


def _itself(value: Any) -> Any:
    return value


def _plain(value: Any) -> Any:
    return value.value() if type(value) is LazyValue else value


def _unary(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, *args: function(self.value(), *args)


def _binary(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda self, other: function(self.value(), _plain(other))


_UNARY: dict[str, Callable[..., Any]] = {
    "str": str,
    "repr": repr,
    "bool": bool,
    "format": format,
    "iter": iter,
    "len": len,
}
for _name, _function in _UNARY.items():
    setattr(LazyValue, f"__{_name}__", _unary(_function))
for _name in ("eq", "ne", "lt", "le", "gt", "ge", "add", "sub", "getitem", "contains"):
    setattr(LazyValue, f"__{_name}__", _binary(getattr(operator, _name)))
for _name in ("add", "sub"):
    _forward = getattr(operator, _name)
    setattr(
        LazyValue,
        f"__r{_name}__",
        lambda self, other, _forward=_forward: _forward(other, self.value()),
    )

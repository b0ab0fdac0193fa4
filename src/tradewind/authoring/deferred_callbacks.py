"""AsyncCallback and SyncCallback: a function by its path, called later and elsewhere."""

import inspect
from collections.abc import Callable
from typing import Any

from tradewind.authoring.sites import Site, call_site

_HOME = "airflow.sdk.definitions.callback"
_SENT_BY_US = "context"


class Callback:
    """A function, or the dotted path of one, and keyword arguments for it."""

    __module__ = _HOME

    def __init__(
        self, callback_callable: Callable[..., Any] | str, kwargs: dict[str, Any] | None = None
    ) -> None:
        self.site: Site = call_site()
        self.path: str = self.get_callback_path(callback_callable)
        if kwargs and _SENT_BY_US in kwargs:
            raise ValueError(
                f"{type(self).__name__}: the callback gets {_SENT_BY_US!r} from the run; "
                "name your argument otherwise"
            )
        self.kwargs: dict[str, Any] = dict(kwargs or {})

    @classmethod
    def get_callback_path(cls, _callback: Callable[..., Any] | str) -> str:
        """The dotted path of a function. Raises ValueError for one that has none."""
        if callable(_callback):
            cls.verify_callable(_callback)
            return f"{_callback.__module__}.{_callback.__qualname__}"
        if not isinstance(_callback, str) or not all(
            part.isidentifier() for part in _callback.strip().split(".")
        ):
            raise ValueError(
                f"{cls.__name__} takes a function or the dotted path of one, not {_callback!r}"
            )
        return _callback.strip()

    @classmethod
    def verify_callable(cls, callback: Callable[..., Any]) -> None:
        """Raise AttributeError for a function that cannot be called so."""

    def as_data(self) -> dict[str, Any]:
        """The callback as data."""
        return {"kind": type(self).__name__, "path": self.path, "kwargs": self.kwargs}

    def serialize(self) -> dict[str, Any]:
        """Path and arguments."""
        return {"path": self.path, "kwargs": self.kwargs}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Callback) and self.as_data() == other.as_data()

    def __hash__(self) -> int:
        return hash((type(self), self.path, repr(self.kwargs)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.path!r}, {self.kwargs!r})"


class AsyncCallback(Callback):
    """An `async def` function, called on the event loop of the triggerer."""

    __module__ = _HOME

    @classmethod
    def verify_callable(cls, callback: Callable[..., Any]) -> None:
        called = getattr(callback, "__call__", callback)  # noqa: B004
        if not (inspect.iscoroutinefunction(callback) or inspect.iscoroutinefunction(called)) and (
            not hasattr(callback, "__await__")
        ):
            name = getattr(callback, "__name__", repr(callback))
            raise AttributeError(
                f"AsyncCallback takes an async function, and {name} is not one: write "
                f"`async def {name}(...)`, or use SyncCallback"
            )


class SyncCallback(Callback):
    """A function that an executor calls."""

    __module__ = _HOME

    def __init__(
        self,
        callback_callable: Callable[..., Any] | str,
        kwargs: dict[str, Any] | None = None,
        executor: str | None = None,
    ) -> None:
        super().__init__(callback_callable, kwargs)
        self.executor = executor

    def as_data(self) -> dict[str, Any]:
        return {**super().as_data(), "executor": self.executor}

    def serialize(self) -> dict[str, Any]:
        return {**super().serialize(), "executor": self.executor}

"""`hookimpl`: marks the functions of a listener or a policy; who calls them reads the mark."""

from collections.abc import Callable
from functools import cache
from typing import Any

_MARK = "airflow_impl"


def hookimpl(
    function: Callable[..., Any] | None = None,
    hookwrapper: bool = False,
    optionalhook: bool = False,
    tryfirst: bool = False,
    trylast: bool = False,
    specname: str | None = None,
    wrapper: bool = False,
) -> Any:
    """Mark a function, with or without arguments."""

    def mark(marked: Callable[..., Any]) -> Callable[..., Any]:
        options = {
            "hookwrapper": hookwrapper,
            "optionalhook": optionalhook,
            "tryfirst": tryfirst,
            "trylast": trylast,
            "specname": specname,
            "wrapper": wrapper,
        }
        setattr(marked, _MARK, options)
        return marked

    return mark if function is None else mark(function)


class ListenerManager:
    """The listeners of this process."""

    def __init__(self) -> None:
        self._listeners: list[object] = []

    @property
    def has_listeners(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    def add_listener(self, listener: object) -> None:
        """Take a module or object with marked functions; once each."""
        if listener not in self._listeners:
            self._listeners.append(listener)

    def clear(self) -> None:
        """Forget them all."""
        self._listeners.clear()


ListenerManager.__module__ = "airflow.sdk._shared.listeners.listener"


@cache
def get_listener_manager() -> ListenerManager:
    """The one of this process."""
    return ListenerManager()

"""Names that can be imported and not used: what they say when they are."""

from collections.abc import Callable
from typing import Any, NoReturn

from tradewind.model.errors import UserError


class NotHere(UserError, NotImplementedError):
    """A part of Airflow's own processes was used, which Tradewind does not have."""


def refuse(what: str, instead: str) -> NoReturn:
    """Raises NotHere."""
    raise NotHere(f"{what} cannot be used with Tradewind: {instead}")


def refused(module: str, name: str, instead: str) -> Callable[..., Any]:
    """A function that can be imported and handed on, and refuses to be called."""

    def function(*_: Any, **__: Any) -> Any:
        refuse(f"{module}.{name}", instead)

    function.__module__, function.__name__, function.__qualname__ = module, name, name
    function.__doc__ = f"Refused: {instead}."
    return function


def refused_class(module: str, name: str, instead: str) -> type:
    """A class that can be imported, annotated with and derived from, but not made objects of."""

    def init(self: Any, *_: Any, **__: Any) -> None:
        refuse(f"{module}.{name}", instead)

    return type(
        name, (), {"__init__": init, "__module__": module, "__doc__": f"Refused: {instead}."}
    )

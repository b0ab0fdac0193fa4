"""Who answers user code's questions: the process around it, behind one small protocol.

`runtime` and `loading` each bring a Host; code outside a task or a parse has none and is told so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from tradewind.model.errors import UserError
from tradewind.model.requests import Request


class Host(Protocol):
    """Carries requests to a process that may read the database."""

    def ask(self, request: Request) -> Any:
        """The answer as JSON data, as documented at the request."""
        ...

    def push_xcom(self, key: str, value: Any) -> None:
        """Hand a value (JSON data) of the running try over."""
        ...


class NoHost(UserError):
    """Something was asked for outside a task or a parse."""


_host: Host | None = None


def current() -> Host:
    """The host of this process. Raises NoHost where there is none."""
    if _host is None:
        raise NoHost(
            "no Tradewind process is around this code to answer: Variables, Connections and XComs "
            "are there within a task and while a DAG file is loaded (or set TRADEWIND_VAR_..., "
            "TRADEWIND_CONN_... in the environment)"
        )
    return _host


def is_there() -> bool:
    """Whether a host can be asked."""
    return _host is not None


def set_host(host: Host | None) -> None:
    """Make `host` answer for the rest of this process."""
    global _host
    _host = host


@contextmanager
def use(host: Host | None) -> Iterator[None]:
    """Let `host` answer within a `with`."""
    global _host
    outer, _host = _host, host
    try:
        yield
    finally:
        _host = outer

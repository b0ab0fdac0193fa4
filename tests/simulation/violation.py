"""What ends a simulation early, and passes through every `except Exception` of the product."""

from collections.abc import Iterator
from contextlib import contextmanager


class Violation(BaseException):
    """A promise was broken: `check` names which one."""

    def __init__(self, check: str, detail: str) -> None:
        super().__init__(f"{check}: {detail}")
        self.check = check
        self.detail = detail


class Crash(BaseException):
    """The scheduler's process is killed at this very point."""


@contextmanager
def strict() -> Iterator[None]:
    """A mistake in a check must not pass for one of the product."""
    try:
        yield
    except Exception as error:
        raise Violation("the simulation itself works", repr(error)) from error


def require(holds: object, check: str, detail: str) -> None:
    """Raise a Violation unless `holds`."""
    if not holds:
        raise Violation(check, detail)

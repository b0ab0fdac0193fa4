"""What must not be half done is not interrupted: a signal's call waits until it is over."""

import contextlib
import threading
from collections.abc import Callable, Iterator

_came: list[Callable[[], None]] | None = None
"""The calls that wait; None while none has to."""


@contextlib.contextmanager
def postponed() -> Iterator[None]:
    """Have interruptions come right after this, which should be short."""
    global _came
    if _came is not None or threading.current_thread() is not threading.main_thread():
        yield  # they come in the main thread, and after the outermost
        return
    came = _came = []
    try:
        yield
    finally:
        _came = None
        with contextlib.ExitStack() as calls:  # each is made, though the one before it raises
            for call in reversed(came):
                calls.callback(call)


def call_or_postpone(call: Callable[[], None]) -> None:
    """For the handler of a signal: now, or when what must not be interrupted is over."""
    if _came is None:
        call()
    else:
        _came.append(call)

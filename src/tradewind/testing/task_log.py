"""What tasks log, shown in the terminal of whoever tests them."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from tradewind.runtime.logs import user_traceback


class _Formatter(logging.Formatter):
    """One line per record; of an error, the traceback through the user's own lines."""

    def formatException(self, ei: object) -> str:  # noqa: N802  logging's name
        error = ei[1] if isinstance(ei, tuple) else None
        return user_traceback(error) if isinstance(error, BaseException) else ""


@contextmanager
def shown_on(stream: TextIO | None, level: str) -> Iterator[None]:
    """Write what is logged to `stream` within a `with`; None leaves logging as it is."""
    if stream is None:
        yield
        return
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Formatter("[%(asctime)s] %(levelname)s - %(message)s"))
    root = logging.getLogger()
    level_before = root.level
    root.addHandler(handler)
    root.setLevel(level)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level_before)

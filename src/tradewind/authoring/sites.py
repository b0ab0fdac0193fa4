"""Where in the author's code something was said: `file:line` of the nearest frame that is not ours.

Errors and the profile name these lines.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import NamedTuple

_OURS = [str(Path(__file__).resolve().parents[1]) + "/", "<frozen "]
_is_ours: dict[CodeType, bool] = {}


class Site(NamedTuple):
    """A line of the author's code."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


UNKNOWN = Site("<unknown>", 0)


def hide(folder: str) -> None:
    """Count the files below `folder` as ours."""
    prefix = folder.rstrip("/") + "/"
    if prefix not in _OURS:
        _OURS.append(prefix)
        _is_ours.clear()


def is_ours(code: CodeType) -> bool:
    """Whether code belongs to Tradewind or to Python's import machinery."""
    known = _is_ours.get(code)
    if known is None:
        known = _is_ours[code] = is_our_file(code.co_filename)
    return known


def is_our_file(name: str) -> bool:
    """Whether a file belongs to Tradewind."""
    return name.startswith(tuple(_OURS))


_stand_in: Site | None = None


@contextmanager
def as_if_at(site: Site) -> Iterator[None]:
    """Within the `with` everything is said at `site`: a decorator's line, not its function's call."""
    global _stand_in
    outer, _stand_in = _stand_in, site
    try:
        yield
    finally:
        _stand_in = outer


def call_site() -> Site:
    """The innermost line that is not ours, of the stack that calls this."""
    if _stand_in is not None:
        return _stand_in
    frame = sys._getframe(1)
    while frame is not None:
        if not is_ours(frame.f_code):
            return Site(frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back  # type: ignore[assignment]
    return UNKNOWN

"""Python's bytecode caches of project modules, where they could serve old code as new.

A cache is told to be current by its source's modification time in whole seconds and its size
(PEP 3147, PEP 552). Two saves within a second, to the same length, cannot be told apart.
"""

import contextlib
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_YOUNG_S = 3.0
"""More than the second in question, for clocks and file systems that round."""


@contextmanager
def no_young_cache(folders: Sequence[Path]) -> Iterator[None]:
    """At the end, remove the cache of every module below `folders` that was saved just now."""
    try:
        yield
    finally:
        below = tuple(f"{folder}/" for folder in folders)
        for module in list(sys.modules.values()):
            source = getattr(module, "__file__", None)
            cache = getattr(module, "__cached__", None)
            if isinstance(source, str) and isinstance(cache, str) and source.startswith(below):
                with contextlib.suppress(OSError):
                    if time.time() - Path(source).stat().st_mtime < _YOUNG_S:
                        Path(cache).unlink()

"""How a loop sleeps until something is to be done, and how it is told to end."""

import contextlib
import math
import os
import select
from collections.abc import Iterable
from typing import Protocol


class Readable(Protocol):
    """Something that can be waited for."""

    def fileno(self) -> int: ...


def wait(readables: Iterable[Readable], timeout_s: float) -> bool:
    """Sleep until one of them is readable. False if nothing was within `timeout_s`."""
    poll = select.poll()
    for readable in readables:
        poll.register(readable.fileno(), select.POLLIN)
    return bool(poll.poll(math.ceil(timeout_s * 1000)))


class Stop:
    """Set once, from a signal handler or another thread; readable from then on."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._set = False

    def set(self) -> None:
        self._set = True
        with contextlib.suppress(BlockingIOError):
            os.write(self._write, b"x")

    def is_set(self) -> bool:
        return self._set

    def fileno(self) -> int:
        return self._read

    def close(self) -> None:
        os.close(self._read)
        os.close(self._write)

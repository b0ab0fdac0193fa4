"""How the running processor is told to end: a flag that a wait on file descriptors can see."""

import contextlib
import os
from typing import Protocol


class Stop(Protocol):
    """What `run` needs of a stop, whoever made it."""

    def is_set(self) -> bool: ...

    def fileno(self) -> int: ...


class StopFlag:
    """Set once, from a signal handler or another thread; readable as a file descriptor then."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._is_set = False

    def set(self) -> None:
        self._is_set = True
        with contextlib.suppress(BlockingIOError):
            os.write(self._write, b"x")

    def is_set(self) -> bool:
        return self._is_set

    def fileno(self) -> int:
        return self._read

    def close(self) -> None:
        os.close(self._read)
        os.close(self._write)

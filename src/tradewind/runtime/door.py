"""Where a supervisor is found: a socket and a lock in the run folder."""

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path

_SOCKET = "supervisor.sock"
_LOCK = "supervisor.lock"


@contextlib.contextmanager
def _short_path(folder: Path) -> Iterator[str]:
    """A path to the socket that fits the 108 bytes an address may have, however deep `folder`."""
    handle = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{handle}/{_SOCKET}"
    finally:
        os.close(handle)


def lock(folder: Path) -> int | None:
    """The lock of the only supervisor of this folder, as a descriptor; None if another has it."""
    handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def listen(folder: Path) -> socket.socket:
    """The door of the supervisor that holds the lock; only this user may knock."""
    (folder / _SOCKET).unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        with _short_path(folder) as path:
            listener.bind(path)
    finally:
        os.umask(mask)
    listener.listen()
    return listener


def connect(folder: Path) -> socket.socket:
    """A connection to the supervisor. Raises ConnectionError or FileNotFoundError if none is."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short_path(folder) as path:
            sock.connect(path)
    except BaseException:
        sock.close()
        raise
    return sock


def close(folder: Path, listener: socket.socket) -> None:
    """Nobody is at home any more."""
    listener.close()
    (folder / _SOCKET).unlink(missing_ok=True)

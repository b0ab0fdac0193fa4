"""Notices that something below some folders was saved, made, moved or removed.

Says only that there is a reason to look; what has changed is found by looking.
"""

import contextlib
import logging
import socket
import threading
from collections.abc import Iterable
from pathlib import Path

import watchfiles

log = logging.getLogger(__name__)

STEP_MS = 50
"""How long it must be quiet after a change; also how often the kernel's queue is looked at."""
DEBOUNCE_MS = 250
"""How long changes that never stop are gathered at most."""


class FolderWatch:
    """Readable, as a file descriptor, when something happened since the last `drain`."""

    def __init__(self) -> None:
        self._wake, self._ring = socket.socketpair()
        self._wake.setblocking(False)
        self._ring.setblocking(False)
        self._watched: frozenset[tuple[Path, int]] = frozenset()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def fileno(self) -> int:
        return self._wake.fileno()

    def drain(self) -> None:
        """Forget what was noticed so far."""
        with contextlib.suppress(BlockingIOError):
            self._wake.recv(4096)

    def follow(self, folders: Iterable[Path]) -> bool:
        """Watch these folders, as far as they exist; True if that is not what was watched.

        The watch begins a moment after this returns.
        """
        wanted = frozenset((folder, folder.stat().st_ino) for folder in folders if folder.is_dir())
        is_running = self._thread is not None and self._thread.is_alive()
        if wanted == self._watched and (is_running or not wanted):
            return False
        self._end()
        self._watched = wanted
        if wanted:
            paths = sorted(folder for folder, _ in wanted)
            self._stop = threading.Event()
            self._thread = threading.Thread(
                target=self._run, args=(paths, self._stop), name="folder-watch", daemon=True
            )
            self._thread.start()
        return True

    def close(self) -> None:
        """Stop watching."""
        self._end()
        self._wake.close()
        self._ring.close()

    def _end(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self, paths: list[Path], stop: threading.Event) -> None:
        changes = watchfiles.watch(
            *paths,
            step=STEP_MS,
            debounce=DEBOUNCE_MS,
            stop_event=stop,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )
        try:
            for _ in changes:
                with contextlib.suppress(BlockingIOError):
                    self._ring.send(b"x")
        except (OSError, RuntimeError) as error:
            # the folder went away, no watch is left, a name is no text: looking goes on
            log.warning("cannot watch %s: %s", ", ".join(map(str, paths)), error)

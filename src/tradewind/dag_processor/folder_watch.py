"""Notices that something below some folders was saved, made, moved or removed.

Says only that there is a reason to look; what has changed is found by looking.
"""

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import watchfiles

from tradewind.dag_processor.places import Places

log = logging.getLogger(__name__)

NOWHERE = Places(frozenset(), frozenset(), frozenset())
_IS_ANY = watchfiles.DefaultFilter()
"""Leaves out what editors and version control keep beside the files."""

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
        self._below = _Watching(self._ring, is_recursive=True)
        self._elsewhere = _Watching(self._ring, is_recursive=False)

    def fileno(self) -> int:
        return self._wake.fileno()

    def drain(self) -> None:
        """Forget what was noticed so far."""
        with contextlib.suppress(BlockingIOError):
            self._wake.recv(4096)

    def follow(self, folders: Iterable[Path], elsewhere: Places = NOWHERE) -> bool:
        """Watch these folders with all below them, and other places, as far as they exist.

        True if that is not what was watched; then the watch begins a moment after this returns,
        and says so, as something may have been saved just before.
        """
        self._elsewhere.concerns = elsewhere.concerns
        began = self._below.follow(folders)
        return self._elsewhere.follow(elsewhere.folders) or began

    def close(self) -> None:
        """Stop watching."""
        for watching in (self._below, self._elsewhere):
            watching.tell_to_stop()
        for watching in (self._below, self._elsewhere):
            watching.end()
        self._wake.close()
        self._ring.close()


class _Watching:
    """One set of folders, watched by one thread."""

    def __init__(self, ring: socket.socket, *, is_recursive: bool) -> None:
        self._ring = ring
        self._is_recursive = is_recursive
        self._watched: frozenset[tuple[Path, int]] = frozenset()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.concerns: Callable[[str], bool] = lambda path: True

    def follow(self, folders: Iterable[Path]) -> bool:
        wanted = frozenset((folder, folder.stat().st_ino) for folder in folders if folder.is_dir())
        is_running = self._thread is not None and self._thread.is_alive()
        if wanted == self._watched and (is_running or not wanted):
            return False
        self.end()
        self._watched = wanted
        if wanted:
            paths = sorted(folder for folder, _ in wanted)
            self._stop = threading.Event()
            self._thread = threading.Thread(
                target=self._run, args=(paths, self._stop), name="folder-watch", daemon=True
            )
            self._thread.start()
        return True

    def tell_to_stop(self) -> None:
        self._stop.set()

    def end(self) -> None:
        self.tell_to_stop()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self, paths: list[Path], stop: threading.Event) -> None:
        changes = watchfiles.watch(
            *paths,
            watch_filter=self._counts,
            step=STEP_MS,
            debounce=DEBOUNCE_MS,
            stop_event=_Asked(stop, self._say_so),
            raise_interrupt=False,
            recursive=self._is_recursive,
            ignore_permission_denied=True,
        )
        try:
            for _ in changes:
                self._say_so()
        except (OSError, RuntimeError) as error:
            # the folder went away, no watch is left, a name is no text: looking goes on
            log.warning("cannot watch %s: %s", ", ".join(map(str, paths)), error)

    def _say_so(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._ring.send(b"x")

    def _counts(self, change: watchfiles.Change, path: str) -> bool:
        if self._is_recursive:
            return _IS_ANY(change, path)
        return self.concerns(path)


class _Asked:
    """The flag that a watch looks at again and again while it watches, which tells that it does."""

    def __init__(self, stop: threading.Event, say_so: Callable[[], None]) -> None:
        self._stop = stop
        self._say_so = say_so
        self._has_begun = False

    def is_set(self) -> bool:
        if not self._has_begun:
            self._has_begun = True
            self._say_so()
        return self._stop.is_set()

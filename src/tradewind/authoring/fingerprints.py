"""What the inputs of a parse are like, as short texts to compare; and the one hash over all of them.

A file is taken for unchanged by its status, as long as that can tell: two writes within one tick
of the file system's clock leave the same status behind, so a young file is read each time.
"""

import hashlib
import os
import stat
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from tradewind.model.parsed import RecordedInput

YOUNG_NS = 2_000_000_000
"""The coarsest clock of a file system in use counts in two seconds."""
ON_DISK = frozenset({"file", "folder", "path"})
"""Kinds of input that anybody can look at without asking."""

Stamp = tuple[int, int, int, int, int]
_stat = os.stat
"""`recording` lends the module's own to a file that is being loaded."""


def stamp_of(name: str) -> Stamp | None:
    """What changes when a file is written or replaced; None where there is none."""
    try:
        status = _stat(name)
    except (OSError, ValueError):
        return None
    return status.st_ctime_ns, status.st_mtime_ns, status.st_size, status.st_ino, status.st_dev


def fingerprint(kind: str, name: str) -> str:
    """What a file, folder, path or environment variable is like now; "" where it is not there."""
    if kind == "env":
        value = os.environb.get(os.fsencode(name))
        return "" if value is None else of_content(value)
    try:
        if kind == "path":
            return _KINDS_OF_PATH.get(stat.S_IFMT(_stat(name).st_mode), "other")
        if kind == "folder":
            names = sorted(set(os.listdir(name)) - {"__pycache__"})  # noqa: PTH208
            return of_text("\0".join(names))
        return of_content(Path(name).read_bytes())
    except (OSError, ValueError):
        return ""


def of_content(content: bytes) -> str:
    """What a file with this content is like."""
    return hashlib.sha256(content).hexdigest()


def of_text(text: str) -> str:
    """What a text is like."""
    return of_content(text.encode("utf-8", "surrogateescape"))


def code_hash(inputs: Sequence[RecordedInput], dags_folder: Path) -> str:
    """One hash over all inputs; files below the DAGs folder count by their relative path."""
    prefix = f"{dags_folder}/"
    lines = sorted(
        f"{item.kind}\0{item.name.removeprefix(prefix)}\0{item.fingerprint}" for item in inputs
    )
    return of_text("\n".join(lines))


class Fingerprints:
    """Fingerprints of what is on disk, read again only where its status cannot vouch for it."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[Stamp, str]] = {}

    def now(self, kind: str, name: str) -> str:
        """What it is like at this moment; "" where it is not there."""
        before_ns = time.time_ns()
        stamp = stamp_of(name)
        if stamp is None:
            return ""
        known = self._known.get((kind, name))
        if known is not None and known[0] == stamp:
            return known[1]
        found = fingerprint(kind, name)
        if stamp[0] + YOUNG_NS < before_ns:
            self._known[kind, name] = (stamp, found)
        return found

    def first_changed(self, inputs: Iterable[RecordedInput]) -> RecordedInput | None:
        """The first of those on disk that is not as it was recorded."""
        for item in inputs:
            if item.kind in ON_DISK and self.now(item.kind, item.name) != item.fingerprint:
                return item
        return None


_KINDS_OF_PATH = {stat.S_IFREG: "file", stat.S_IFDIR: "folder"}

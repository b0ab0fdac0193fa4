"""Where on disk something must happen for an input of a DAG file to be different.

For a file in a folder of links, as Kubernetes and git-sync make them, that is not only beside the
file: the link that is switched lies elsewhere.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tradewind.model.parsed import RecordedInput

_MOST_LINKS = 40
"""As many links one path may lead through for the kernel."""


@dataclass(frozen=True, slots=True)
class Places:
    """What to watch, and which of the things that happen there count."""

    folders: frozenset[Path]
    """Each for what is directly in it."""
    entries: frozenset[str]
    """Paths that count when they are made, written, moved or removed."""
    listed: frozenset[str]
    """Folders in which everything counts."""

    def concerns(self, path: str) -> bool:
        """Whether what happened to `path` may change an input."""
        return path in self.entries or os.path.dirname(path) in self.listed  # noqa: PTH120


def of_inputs(inputs: Iterable[RecordedInput], roots: Iterable[Path]) -> Places:
    """The places of inputs and of the links that lead to `roots`, below which all is watched."""
    roots = tuple(roots)
    entries: set[str] = set()
    listed: set[str] = set()
    for root in roots:
        entries.update(_links(str(root)))
    for item in inputs:
        if item.kind == "folder":
            listed.update((item.name, os.path.realpath(item.name)))
        if item.kind in ("file", "folder", "path"):
            entries.update(_steps(item.name))
    found = {os.path.dirname(entry) for entry in entries} | listed  # noqa: PTH120
    inside = tuple(f"{os.path.realpath(root)}/" for root in roots)
    return Places(
        folders=frozenset(
            Path(folder)
            for folder in found
            if os.path.isdir(folder) and not f"{os.path.realpath(folder)}/".startswith(inside)  # noqa: PTH112
        ),
        entries=frozenset(entries),
        listed=frozenset(listed),
    )


def union(many: Iterable[Places]) -> Places:
    """All of these."""
    many = tuple(many)
    return Places(
        folders=frozenset().union(*(one.folders for one in many)),
        entries=frozenset().union(*(one.entries for one in many)),
        listed=frozenset().union(*(one.listed for one in many)),
    )


def _steps(name: str) -> Iterator[str]:
    """The path, what it really is, every link on its way, and the first part that is missing."""
    yield name
    yield os.path.realpath(name)
    yield from _links(name)
    while not os.path.lexists(name):
        missing, name = name, os.path.dirname(name)  # noqa: PTH120
        yield missing


def _links(name: str) -> Iterator[str]:
    """Every symlink on the way to what `name` means."""
    rest = name.strip("/").split("/")
    at = "/"
    followed = 0
    while rest:
        at = os.path.normpath(os.path.join(at, rest.pop(0)))  # noqa: PTH118
        if os.path.islink(at) and followed < _MOST_LINKS:  # noqa: PTH114
            yield at
            followed += 1
            target = os.path.join(os.path.dirname(at), os.readlink(at))  # noqa: PTH115, PTH118, PTH120
            rest = [*os.path.normpath(target).strip("/").split("/"), *rest]
            at = "/"

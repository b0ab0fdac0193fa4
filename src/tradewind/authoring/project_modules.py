"""How the author's own modules are imported: always what is on disk, and known to the byte.

Python tells a bytecode cache to be current by its source's time in whole seconds and its size;
two saves within a second, to the same length, cannot be told apart (PEP 552 names the cure: caches
that hold a hash of their source). Folders of installed packages stay with Python's own loaders.
"""

import importlib.machinery
import importlib.util
import marshal
import os
import sys
import time
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType

from tradewind.authoring import fingerprints
from tradewind.authoring.libraries import is_project

_HEADER_BYTES = 16
_CHECKED_HASH = 0b11
"""PEP 552: the cache holds a hash, which is to be compared with the source's."""
_YOUNG_S = 2.0
"""A folder that changed more recently is listed again for each module looked for in it."""

executed: dict[str, str] = {}
"""The fingerprint of every source file of a project whose code this process has executed."""
on_source: Callable[[str, bytes], None] | None = None
"""Told (fingerprint, source) of every source file that is about to be executed."""
on_miss: Callable[[str, str], None] | None = None
"""Told (module, folder) when a module is not in a folder where it was looked for."""
_folders: tuple[str, ...] = ()
_last_before: str | None = None
"""The module that was the last to be imported before there was any project."""


class ProjectLoader(importlib.machinery.SourceFileLoader):
    """Reads the source always; compiles it unless the cache is of exactly this source."""

    def get_code(self, fullname: str) -> CodeType | None:
        path = self.get_filename(fullname)
        source = self.get_data(path)
        executed[path] = found = fingerprints.of_content(source)
        if on_source is not None:
            on_source(found, source)
        header = _header(source)
        cache = _cache_of(path)
        known = None if cache is None else _cached(self, cache, header)
        if known is not None and known.co_filename == path:
            return known
        code: CodeType = self.source_to_code(source, path)
        if cache is not None and not sys.dont_write_bytecode:
            self.set_data(cache, header + marshal.dumps(code))
        return code


class _ProjectFinder(importlib.machinery.FileFinder):
    """Finds modules in one folder, also one that was saved a moment ago."""

    _path_mtime: float

    def find_spec(self, fullname: str, target: ModuleType | None = None) -> ModuleSpec | None:
        if time.time() - self._path_mtime < _YOUNG_S:
            self.invalidate_caches()
        spec = super().find_spec(fullname, target)
        if on_miss is not None and (spec is None or spec.loader is None):
            on_miss(fullname, self.path)
        return spec


def use_for(folders: Sequence[Path]) -> None:
    """Import modules this way from these folders, and from all that belong to no library."""
    global _folders, _last_before
    if _last_before is None:
        _last_before = next(reversed(sys.modules))
    wanted = tuple(dict.fromkeys((*_folders, *(f"{folder}/" for folder in folders))))
    if wanted == _folders:
        return
    _folders = wanted
    if _finder_for not in sys.path_hooks:
        sys.path_hooks.insert(0, _finder_for)
    for path in [path for path in sys.path_importer_cache if is_project(f"{path}/", _folders)]:
        del sys.path_importer_cache[path]


def imported() -> list[ModuleType]:
    """The modules that came after there was a project, the newest first.

    In a forked process looking at all modules would copy the pages that they are on.
    """
    since: list[ModuleType] = []
    for name, module in reversed(sys.modules.items()):
        if name == _last_before:
            break
        since.append(module)
    return since


def _finder_for(path: str) -> _ProjectFinder:
    path = path or os.getcwd()  # noqa: PTH109  a path entry is a string
    if not is_project(f"{path}/", _folders) or not os.path.isdir(path):  # noqa: PTH112
        raise ImportError("not a folder of a project", path=path)
    return _ProjectFinder(
        path,
        (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES),
        (ProjectLoader, importlib.machinery.SOURCE_SUFFIXES),
        (importlib.machinery.SourcelessFileLoader, importlib.machinery.BYTECODE_SUFFIXES),
    )


def _cache_of(path: str) -> str | None:
    try:
        return importlib.util.cache_from_source(path)
    except NotImplementedError:  # this interpreter keeps none
        return None


def _header(source: bytes) -> bytes:
    flags = _CHECKED_HASH.to_bytes(4, "little")
    return importlib.util.MAGIC_NUMBER + flags + importlib.util.source_hash(source)


def _cached(loader: ProjectLoader, cache: str, header: bytes) -> CodeType | None:
    try:
        data = loader.get_data(cache)
        if data[:_HEADER_BYTES] != header:
            return None
        code = marshal.loads(memoryview(data)[_HEADER_BYTES:])  # noqa: S302  as Python does
    except (OSError, EOFError, ValueError, TypeError):
        return None
    return code if isinstance(code, CodeType) else None

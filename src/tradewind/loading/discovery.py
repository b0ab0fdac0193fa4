"""Which files in the DAGs folder may hold DAGs. Looks at names and bytes; imports nothing."""

import logging
import os
import zipfile
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from tradewind.config.settings import Settings
from tradewind.loading.ignore import Rules, is_ignored, read_rules

log = logging.getLogger(__name__)


def find_dag_files(settings: Settings) -> list[Path]:
    """Absolute paths of DAG files and zip archives, sorted; empty where there is no folder.

    dags_folder may also be one file. Paths are as found, not resolved; what several symlinks
    lead to is listed once.
    """
    root = settings.core.dags_folder
    files = [root] if root.is_file() else _walk(root, settings.core.dag_ignore_file_syntax)
    seen: set[tuple[int, int]] = set()
    found = []
    for path in sorted(files, key=lambda path: (path.is_symlink(), path)):
        try:
            status = path.stat()
        except OSError:
            continue
        identity = (status.st_dev, status.st_ino)
        if identity not in seen and _is_candidate(path, status, settings):
            seen.add(identity)
            found.append(path)
    return sorted(found)


def _walk(root: Path, syntax: str) -> Iterator[Path]:
    """Every file by its suffix; real folders before symlinks, so that these lose to them."""
    seen: set[tuple[int, int]] = set()
    waiting: list[tuple[Path, tuple[Rules, ...]]] = [(root, ())]
    linked: deque[tuple[Path, tuple[Rules, ...]]] = deque()
    while waiting or linked:
        folder, rules = waiting.pop() if waiting else linked.popleft()
        try:
            status = folder.stat()
            entries = list(os.scandir(folder))
        except OSError:
            continue
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        own = read_rules(folder, root=root, syntax=syntax)
        if own is not None:
            rules = (*rules, own)
        for entry in entries:
            path = Path(entry.path)
            is_folder = entry.is_dir()
            if entry.name.startswith(".") or entry.name == "__pycache__":
                continue
            if not _is_text(entry.path):
                continue
            if not is_folder and path.suffix not in (".py", ".zip"):
                continue
            if is_ignored(path, rules, is_folder=is_folder):
                continue
            if not is_folder:
                yield path
            elif entry.is_symlink():
                linked.append((path, rules))
            else:
                waiting.append((path, rules))


@lru_cache(maxsize=1024)
def _is_text(path: str) -> bool:
    """Whether a name is UTF-8; one that is not can neither be stored nor watched. Said once."""
    try:
        path.encode()
    except UnicodeEncodeError:
        log.warning("%s is left out: its name is not valid UTF-8", ascii(path))
        return False
    return True


def _is_candidate(path: Path, status: os.stat_result, settings: Settings) -> bool:
    if settings.core.dag_discovery_safe_mode:
        return _might_hold_dag(path, status.st_mtime_ns, status.st_size, status.st_ino)
    return path.suffix == ".py" or zipfile.is_zipfile(path)


@lru_cache(maxsize=16384)
def _might_hold_dag(path: Path, _mtime_ns: int, _size: int, _inode: int) -> bool:
    try:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                return any(
                    _mentions_dags(archive.read(name))
                    for name in archive.namelist()
                    if name.endswith(".py") and "/" not in name
                )
        return _mentions_dags(path.read_bytes())
    except (OSError, zipfile.BadZipFile):
        return False


def _mentions_dags(content: bytes) -> bool:
    content = content.lower()
    return (b"airflow" in content or b"tradewind" in content) and (
        b"dag" in content or b"asset" in content
    )

"""DAG files as provider packages name them: also within a zip archive."""

import io
import re
import zipfile
from pathlib import Path
from typing import IO, Any

from tradewind.authoring import dag_file

_IN_ZIP = re.compile(r"(.*\.zip)/(.+)")


def correct_maybe_zipped(fileloc: str | Path | None) -> str | Path | None:
    """The archive, for a file within one; else the same."""
    inside = _inside(fileloc) if fileloc else None
    return inside[0] if inside else fileloc


def open_maybe_zipped(fileloc: str, mode: str = "r") -> IO[Any]:
    """Open a file that may lie within an archive."""
    inside = _inside(fileloc)
    if inside is None:
        return Path(fileloc).open(mode)
    with zipfile.ZipFile(inside[0]) as archive:
        content = archive.read(inside[1])
    return io.BytesIO(content) if "b" in mode else io.StringIO(content.decode())


def get_unique_dag_module_name(file_path: str) -> str:
    """The name a DAG file has as a module."""
    return dag_file.module_name(Path(file_path))


def _inside(fileloc: str | Path) -> tuple[str, str] | None:
    found = _IN_ZIP.fullmatch(str(fileloc))
    return (found[1], found[2]) if found and zipfile.is_zipfile(found[1]) else None

"""Which files are Python's, an installed package's or the system's, and not the author's."""

import site
import sys
import sysconfig

from tradewind.authoring.sites import is_our_file

_PREFIXES = tuple(
    {
        path.rstrip("/") + "/"
        for path in (
            sys.prefix,
            sys.base_prefix,
            sys.exec_prefix,
            *sysconfig.get_paths().values(),
            *site.getsitepackages(),
            site.getusersitepackages(),
            "/usr/share/zoneinfo",
            "/proc",
            "/sys",
            "/dev",
        )
        if path not in ("/", "/usr")
    }
)


def is_library(name: str) -> bool:
    """Whether a file belongs to no project, as far as its path tells."""
    return name.startswith(_PREFIXES)


def is_project(name: str, folders: tuple[str, ...]) -> bool:
    """Whether a file is the author's: below one of these folders, or not a library's at all.

    Where a project lies within Python's own folders, or the other way round (a virtual environment
    beside the DAGs), the nearer one counts.
    """
    library = max((len(prefix) for prefix in _PREFIXES if name.startswith(prefix)), default=0)
    project = max((len(folder) for folder in folders if name.startswith(folder)), default=0)
    if library or project:
        return project > library
    return name.startswith("/") and not is_our_file(name)

"""Which files are Python's, an installed package's or the system's, and not the author's."""

import site
import sys
import sysconfig
import tempfile

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
            tempfile.gettempdir(),
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

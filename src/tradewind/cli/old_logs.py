"""Removes the log files of runs that are gone."""

import contextlib
import shutil
from pathlib import Path

from tradewind.model.keys import RunKey
from tradewind.model.log_paths import log_folder


def remove(base: Path, run: RunKey) -> bool:
    """Remove all logs of a run below `base`; whether there were any. Links are not followed.

    Raises OSError for what cannot be removed.
    """
    folder = log_folder(base, run)
    if folder.is_symlink() or not folder.exists():
        return False
    shutil.rmtree(folder)
    with contextlib.suppress(OSError):  # others of its DAG are in it
        folder.parent.rmdir()
    return True

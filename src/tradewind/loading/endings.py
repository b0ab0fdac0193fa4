"""What to tell the user when reading a DAG file ended without a result: killed, crashed, left."""

import re
import signal
from pathlib import Path

from tradewind.config.settings import Settings
from tradewind.loading.storable import storable_text
from tradewind.model.parsed import ParsedFile

_OUR_FOLDER = f"{Path(__file__).parents[1]}/"
_FRAME = re.compile(r'^  File "(?P<file>[^"]*)", line (?P<line>\d+)', re.MULTILINE)


def relative(path: Path, settings: Settings) -> str:
    """The path below the DAGs folder; its name where it lies elsewhere."""
    try:
        return path.relative_to(settings.core.dags_folder).as_posix() or path.name
    except ValueError:
        return path.name


def explain_end(
    path: Path, settings: Settings, *, exit_code: int, timed_out: bool, output: str
) -> str:
    """The one clear message, then what the file's process wrote last.

    `exit_code` is negative for a signal.
    """
    at = _last_line(path, output)
    place = f"{path}:{at}" if at else str(path)
    if timed_out:
        limit = f"{settings.core.dagbag_import_timeout:g} s (core.dagbag_import_timeout)"
        message = f"{place}: reading the file took longer than {limit}"
    elif exit_code < 0:
        name = signal.Signals(-exit_code).name
        why = ", perhaps because memory ran out" if name == "SIGKILL" else ""
        message = f"{place}: the file crashed the Python interpreter ({name}{why})"
    else:
        message = f"{path}: the file ended its process with exit code {exit_code}"
    said = _without_our_frames(output)
    return f"{message}\n\n{said}" if said else message


def ended_early(path: Path, settings: Settings, *, error: str, duration_s: float) -> ParsedFile:
    """The ParsedFile of a reading that gave none."""
    return ParsedFile(
        fileloc=str(path),
        relative_fileloc=relative(path, settings),
        error=storable_text(error),
        source_code=storable_text(_source(path)),
        duration_s=duration_s,
    )


def _without_our_frames(output: str) -> str:
    """What the file printed and, of the interpreter's last words, where the user's code was."""
    kept = []
    for line in output.splitlines():
        frame = _FRAME.match(line)
        if frame and frame["file"].startswith((_OUR_FOLDER, "<frozen ")):
            continue
        if line.startswith(("Fatal Python error: Aborted", "Extension modules: ")):
            continue
        kept.append(line)
    return "\n".join(kept).strip()


def _last_line(path: Path, output: str) -> str | None:
    """The line of the file itself in the traceback that a dying interpreter wrote."""
    for frame in _FRAME.finditer(output):
        if frame["file"] == str(path):
            return frame["line"]
    return None


def _source(path: Path) -> str:
    try:
        return "" if path.suffix == ".zip" else path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""

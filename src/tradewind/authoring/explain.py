"""An exception from a DAG file as one clear message and the way to it through the author's lines."""

import linecache
import re
import sys
import traceback
from pathlib import Path
from typing import NamedTuple

from tradewind.authoring.errors import AirflowException
from tradewind.authoring.libraries import is_library
from tradewind.authoring.names import did_you_mean
from tradewind.authoring.sites import Site, is_our_file
from tradewind.model.errors import UserError

_OUR_PACKAGES = ("airflow", "tradewind")
_SPEAKING = (UserError, AirflowException, TypeError, ValueError, AttributeError)
"""Errors that say enough without their class's name, where it was us who raised them."""
_FRAMES_SHOWN = 20
"""Of a longer traceback the first and the last ones are shown, half of these each."""
_CANNOT_IMPORT = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")


class Frame(NamedTuple):
    """One step of a traceback."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        text = linecache.getline(self.file, self.line).strip()
        return f"  {self.file}, line {self.line}, in {self.function}\n    {text}"


def explain(error: BaseException, path: Path) -> str:
    """`file:line: message` first, then the traceback through the author's lines alone."""
    if isinstance(error, SyntaxError):
        return _syntax_error(error, path)
    cause = error.__cause__ if isinstance(error.__cause__, SystemExit) else error
    frames = _author_frames(cause, path)
    site = getattr(error, "site", None)
    if isinstance(site, Site):
        where = str(site)
    elif frames:
        where = f"{frames[-1].file}:{frames[-1].line}"
    else:
        where = str(path)
    headline = f"{where}: {_message(error)}"
    if not frames:
        return headline
    title = "Traceback (your lines only, most recent call last):"
    return "\n".join([headline, "", title, *_shown(frames)])


def _shown(frames: list[Frame]) -> list[str]:
    left_out = len(frames) - _FRAMES_SHOWN
    if left_out <= 0:
        return [str(frame) for frame in frames]
    half = _FRAMES_SHOWN // 2
    first, last = map(str, frames[:half]), map(str, frames[-half:])
    return [*first, f"  ... {left_out} more ...", *last]


def _text(error: BaseException) -> str:
    try:
        return str(error).strip()
    except Exception as failure:
        return f"(its message cannot be had: its __str__ raises {type(failure).__name__})"


def _message(error: BaseException) -> str:
    name, text = type(error).__name__, _text(error)
    if isinstance(error, ImportError):
        return _import_error(error)
    if isinstance(error, AttributeError):
        text += _attribute_hint(error)
    if isinstance(error, UserError) or (isinstance(error, _SPEAKING) and _is_ours(error)):
        return text or name
    return f"{name}: {text}" if text else name


def _attribute_hint(error: AttributeError) -> str:
    kind = type(error.obj)
    if not error.name or kind.__module__.split(".")[0] not in _OUR_PACKAGES:
        return ""
    known = [name for name in {*dir(kind), *getattr(error.obj, "__dict__", ())} if name[0] != "_"]
    return did_you_mean(error.name, known)


def _is_ours(error: BaseException) -> bool:
    frames = list(traceback.walk_tb(error.__traceback__))
    return bool(frames) and is_our_file(frames[-1][0].f_code.co_filename)


def _import_error(error: ImportError) -> str:
    module = error.name or ""
    top = module.split(".")[0]
    if isinstance(error, ModuleNotFoundError):
        if top in _OUR_PACKAGES and top != module:
            return f"there is no module {module} in this version of Tradewind"
        return f"{error}: install it in Tradewind's environment, or put it in the DAGs folder"
    found = _CANNOT_IMPORT.search(str(error))
    if found is None or top not in _OUR_PACKAGES:
        return str(error) if _is_ours(error) else f"ImportError: {error}"
    name, module = found.groups()
    known = getattr(sys.modules.get(module), "__all__", ())
    return f"{module} has no {name} in this version of Tradewind{did_you_mean(name, known)}"


def _syntax_error(error: SyntaxError, path: Path) -> str:
    where = f"{error.filename or path}:{error.lineno or 0}"
    lines = [f"{where}: {type(error).__name__}: {error.msg}"]
    if error.text:
        text = error.text.rstrip("\n")
        lines += ["", f"    {text.lstrip()}"]
        if error.offset:
            indent = len(text) - len(text.lstrip())
            lines.append(f"    {' ' * max(error.offset - 1 - indent, 0)}^")
    return "\n".join(lines)


def _author_frames(error: BaseException, path: Path) -> list[Frame]:
    """The frames from the DAG file on, without ours, Python's and installed packages'."""
    frames = [
        Frame(frame.f_code.co_filename, line, frame.f_code.co_name)
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    starts = [i for i, frame in enumerate(frames) if frame.file.startswith(str(path))]
    near = f"{path.parent}/"
    return [
        frame
        for frame in frames[starts[0] if starts else len(frames) :]
        if frame.file.startswith(near)
        or not (
            is_our_file(frame.file) or is_library(frame.file) or frame.file.startswith("<frozen ")
        )
    ]

"""An exception from a DAG file as one clear message and the way to it through the author's lines."""

import linecache
import traceback
from collections.abc import Iterator
from pathlib import Path

from tradewind.authoring.sites import Site, is_our_file


def explain(error: BaseException, path: Path) -> str:
    """`file:line: message` first, then the traceback without our own and import frames."""
    if isinstance(error, SyntaxError):
        return _syntax_error(error, path)
    frames = list(_author_frames(error))
    site = getattr(error, "site", None)
    if not isinstance(site, Site):
        origin = _deepest_cause_frames(error)
        site = Site(*_last(origin or frames)) if origin or frames else Site(str(path), 0)
    where = f"{site.file}:{site.line}" if site.line else site.file
    headline = f"{where}: {_message(error)}"
    lines = [f"  {file}, line {line}, in {name}\n    {text}" for file, line, name, text in frames]
    if not lines:
        return headline
    return "\n".join([headline, "", "Traceback (your lines only, most recent call last):", *lines])


def _message(error: BaseException) -> str:
    name = type(error).__name__
    text = str(error).strip()
    if isinstance(error, ModuleNotFoundError) and error.name:
        top = error.name.split(".")[0]
        return f"{text}: install it in Tradewind's environment, or put {top}.py in the DAGs folder"
    return f"{name}: {text}" if text else name


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


def _author_frames(error: BaseException) -> Iterator[tuple[str, int, str, str]]:
    for frame, line in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        if is_our_file(code.co_filename):
            continue
        text = linecache.getline(code.co_filename, line).strip()
        yield code.co_filename, line, code.co_name, text


def _deepest_cause_frames(error: BaseException) -> list[tuple[str, int, str, str]]:
    """For an error that we raised from another (sys.exit()): where that one came from."""
    cause = error.__cause__
    return list(_author_frames(cause)) if isinstance(cause, SystemExit) else []


def _last(frames: list[tuple[str, int, str, str]]) -> tuple[str, int]:
    file, line, _, _ = frames[-1]
    return file, line

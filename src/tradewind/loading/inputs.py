"""Whether anything that a DAG file depended on when it was read is different by now."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from tradewind.authoring.recording import fingerprint, fingerprint_of_answer
from tradewind.model.parsed import RecordedInput
from tradewind.model.requests import GetConnection, GetVariable, Request, VariableKeys

Answer = Callable[[Request], Any]

_ASKED: dict[str, Callable[[str], Request]] = {
    "variable": lambda name: GetVariable(key=name),
    "variable_keys": lambda name: VariableKeys(prefix=name),
    "connection": lambda name: GetConnection(conn_id=name),
}


def changed(inputs: Iterable[RecordedInput], answer: Answer | None = None) -> bool:
    """Whether a file, a folder or, given `answer`, a Variable or Connection is different.

    The environment is left out: that of the processes that read files does not change.
    """
    for recorded in inputs:
        if recorded.kind in ("file", "folder"):
            if _fingerprint_now(recorded.kind, recorded.name) != recorded.fingerprint:
                return True
        elif recorded.kind in _ASKED and answer is not None:
            request = _ASKED[recorded.kind](recorded.name)
            if fingerprint_of_answer(answer(request)) != recorded.fingerprint:
                return True
    return False


def of_answer(request: Request, answer: Any) -> RecordedInput | None:
    """The input that an answered question is; None for a question that is none."""
    found = fingerprint_of_answer(answer)
    match request:
        case GetVariable(key=name):
            return RecordedInput(kind="variable", name=name, fingerprint=found)
        case VariableKeys(prefix=name):
            return RecordedInput(kind="variable_keys", name=name, fingerprint=found)
        case GetConnection(conn_id=name):
            return RecordedInput(kind="connection", name=name, fingerprint=found)
        case _:
            return None


def were_asked_for(inputs: Iterable[RecordedInput]) -> bool:
    """Whether any of these is a Variable or Connection."""
    return any(recorded.kind in _ASKED for recorded in inputs)


def _fingerprint_now(kind: str, name: str) -> str:
    try:
        status = Path(name).stat()
    except OSError:
        return ""
    return _fingerprint_of(kind, name, status.st_mtime_ns, status.st_size, status.st_ino)


@lru_cache(maxsize=65_536)
def _fingerprint_of(kind: str, name: str, _mtime_ns: int, _size: int, _inode: int) -> str:
    return fingerprint(kind, name)

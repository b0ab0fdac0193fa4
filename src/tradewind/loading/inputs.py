"""Whether anything that a DAG file depended on when it was read is different by now."""

from collections.abc import Callable, Iterable
from typing import Any

from tradewind.authoring import fingerprints
from tradewind.authoring.fingerprints import Fingerprints
from tradewind.authoring.recording import input_of
from tradewind.model.parsed import RecordedInput
from tradewind.model.requests import GetConnection, GetVariable, Request, VariableKeys

__all__ = ["Answer", "Fingerprints", "changed", "of_answer", "were_asked_for"]

Answer = Callable[[Request], Any]

_ASKED: dict[str, Callable[[str], Request]] = {
    "variable": lambda name: GetVariable(key=name),
    "variable_keys": lambda name: VariableKeys(prefix=name),
    "connection": lambda name: GetConnection(conn_id=name),
}


def changed(
    inputs: Iterable[RecordedInput], disk: Fingerprints, answer: Answer | None = None
) -> bool:
    """Whether a file, a folder or, given `answer`, a Variable or Connection is different.

    The environment is left out: that of the processes that read files does not change.
    """
    inputs = tuple(inputs)
    if disk.first_changed(inputs) is not None:
        return True
    if answer is None:
        return False
    asked = [(_ASKED[item.kind](item.name), item) for item in inputs if item.kind in _ASKED]
    return any(
        fingerprints.of_answer(answer(request)) != item.fingerprint for request, item in asked
    )


def of_answer(request: Request, answer: Any) -> RecordedInput | None:
    """The input that an answered question is; None for a question that is none."""
    key = input_of(request)
    if key is None:
        return None
    kind, name = key
    return RecordedInput(kind=kind, name=name, fingerprint=fingerprints.of_answer(answer))


def were_asked_for(inputs: Iterable[RecordedInput]) -> bool:
    """Whether any of these is a Variable or Connection."""
    return any(recorded.kind in _ASKED for recorded in inputs)

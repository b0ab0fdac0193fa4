"""Whether anything that a DAG file depended on when it was read is different by now."""

from collections.abc import Callable, Iterable
from typing import Any

from tradewind.authoring.asked import input_of, of_answer, question_of
from tradewind.authoring.fingerprints import Fingerprints
from tradewind.model.parsed import RecordedInput
from tradewind.model.requests import Request

__all__ = ["Answer", "Fingerprints", "changed", "input_of", "were_asked_for"]

Answer = Callable[[Request], Any]


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
    asked = [(question, item) for item in inputs if (question := question_of(item)) is not None]
    return any(of_answer(answer(question)) != item.fingerprint for question, item in asked)


def were_asked_for(inputs: Iterable[RecordedInput]) -> bool:
    """Whether any of these is a Variable or Connection."""
    return any(question_of(recorded) is not None for recorded in inputs)

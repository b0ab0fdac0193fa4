"""Variables and Connections as inputs of a load: which question stands behind which input."""

import json
from typing import Any

from tradewind.authoring.fingerprints import of_text
from tradewind.model.parsed import RecordedInput
from tradewind.model.requests import GetConnection, GetVariable, Request, VariableKeys


def input_of(request: Request, answer: Any) -> RecordedInput | None:
    """The input that an answered question is; None for a question that is none."""
    match request:
        case GetVariable(key=name):
            kind = "variable"
        case VariableKeys(prefix=name):
            kind = "variable_keys"
        case GetConnection(conn_id=name):
            kind = "connection"
        case _:
            return None
    return RecordedInput(kind=kind, name=name, fingerprint=of_answer(answer))


def question_of(item: RecordedInput) -> Request | None:
    """The question whose answer an input is; None for an input of another kind."""
    match item.kind:
        case "variable":
            return GetVariable(key=item.name)
        case "variable_keys":
            return VariableKeys(prefix=item.name)
        case "connection":
            return GetConnection(conn_id=item.name)
        case _:
            return None


def of_answer(answer: Any) -> str:
    """What a Variable or Connection is like, without telling its value; "" if there is none."""
    return "" if answer is None else of_text(json.dumps(answer, sort_keys=True))

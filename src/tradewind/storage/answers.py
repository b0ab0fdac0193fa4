"""Answers what user code asks while it runs or is parsed: the one place for all requests."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from tradewind.model.codec import to_data
from tradewind.model.requests import (
    AllIsStored,
    DeleteVariable,
    GetConnection,
    GetVariable,
    InquiryOf,
    PullXCom,
    Request,
    SetVariable,
    TimetableQuestions,
    VariableKeys,
    XComItems,
)
from tradewind.storage import (
    asset_answers,
    connections,
    human_input,
    run_answers,
    timetable_questions,
    variables,
    xcoms,
)
from tradewind.storage.secrets import Cipher
from tradewind.storage.tables import variable


def is_write(request: Request) -> bool:
    """Whether the request needs a connection that may write."""
    return isinstance(request, SetVariable | DeleteVariable)


def answer(conn: sa.Connection, request: Request, cipher: Cipher) -> Any:
    """The answer as JSON data, in the shape `model.requests` promises."""
    return _ANSWERS[type(request)](conn, request, cipher)


def _get_variable(conn: sa.Connection, request: GetVariable, cipher: Cipher) -> Any:
    return variables.get(conn, request.key, cipher)


def _variable_keys(conn: sa.Connection, request: VariableKeys, cipher: Cipher) -> Any:
    return variables.keys(conn, request.prefix)


def _set_variable(conn: sa.Connection, request: SetVariable, cipher: Cipher) -> None:
    variables.upsert(
        conn, request.key, request.value, description=request.description, cipher=cipher
    )


def _delete_variable(conn: sa.Connection, request: DeleteVariable, cipher: Cipher) -> None:
    conn.execute(sa.delete(variable).where(variable.c.key == request.key))


def _get_connection(conn: sa.Connection, request: GetConnection, cipher: Cipher) -> Any:
    return connections.get(conn, request.conn_id, cipher)


def _pull_xcom(conn: sa.Connection, request: PullXCom, cipher: Cipher) -> Any:
    return [list(item) for item in xcoms.pull(conn, request)]


def _xcom_items(conn: sa.Connection, request: XComItems, cipher: Cipher) -> Any:
    return xcoms.items(conn, request)


def _timetable_questions(
    conn: sa.Connection, request: TimetableQuestions, cipher: Cipher
) -> dict[str, Any]:
    asked = timetable_questions.of_dags(conn, request.dag_ids)
    return {"until": None, "questions": [[dag_id, to_data(what)] for dag_id, what in asked]}


def _inquiry(conn: sa.Connection, request: InquiryOf, cipher: Cipher) -> Any:
    inquiry = human_input.asked_by(conn, request.token)
    if inquiry is None or inquiry.response is None:
        names = ("chosen_options", "params_input", "responded_at", "responded_by_user")
        return inquiry and dict.fromkeys(names)
    event = inquiry.response.as_event()
    del event["timedout"]
    return {**event, "responded_at": inquiry.response.responded_at.isoformat()}


def _all_is_stored(conn: sa.Connection, request: AllIsStored, cipher: Cipher) -> None:
    """Whoever answers has committed all that came before the question."""


_ANSWERS: dict[type, Callable[[sa.Connection, Any, Cipher], Any]] = {
    GetVariable: _get_variable,
    VariableKeys: _variable_keys,
    SetVariable: _set_variable,
    DeleteVariable: _delete_variable,
    GetConnection: _get_connection,
    PullXCom: _pull_xcom,
    XComItems: _xcom_items,
    InquiryOf: _inquiry,
    **run_answers.ANSWERS,
    **asset_answers.ANSWERS,
    TimetableQuestions: _timetable_questions,
    AllIsStored: _all_is_stored,
}

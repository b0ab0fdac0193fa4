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
    PreviousRun,
    PullXCom,
    Request,
    RunStateOf,
    SetVariable,
    TaskStatesOf,
    VariableKeys,
)
from tradewind.storage import connections, variables, xcoms
from tradewind.storage.secrets import Cipher
from tradewind.storage.tables import dag_run, task_instance, variable


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


def _previous_run(conn: sa.Connection, request: PreviousRun, cipher: Cipher) -> Any:
    query = (
        sa.select(
            dag_run.c.run_id,
            dag_run.c.run_type,
            dag_run.c.state,
            dag_run.c.logical_date,
            dag_run.c.data_interval_start,
            dag_run.c.data_interval_end,
            dag_run.c.start_date,
            dag_run.c.end_date,
        )
        .where(dag_run.c.dag_id == request.dag_id, dag_run.c.logical_date < request.before)
        .order_by(dag_run.c.logical_date.desc())
        .limit(1)
    )
    if request.state is not None:
        query = query.where(dag_run.c.state == request.state)
    row = conn.execute(query).mappings().one_or_none()
    return None if row is None else to_data(dict(row))


def _run_state(conn: sa.Connection, request: RunStateOf, cipher: Cipher) -> Any:
    query = sa.select(dag_run.c.state).where(
        dag_run.c.dag_id == request.dag_id, dag_run.c.run_id == request.run_id
    )
    return conn.execute(query).scalar()


def _task_states(conn: sa.Connection, request: TaskStatesOf, cipher: Cipher) -> Any:
    query = sa.select(
        task_instance.c.run_id,
        task_instance.c.task_id,
        task_instance.c.map_index,
        task_instance.c.state,
    ).where(task_instance.c.dag_id == request.dag_id)
    if request.run_ids:
        query = query.where(task_instance.c.run_id.in_(request.run_ids))
    if request.task_ids:
        query = query.where(task_instance.c.task_id.in_(request.task_ids))
    found: dict[str, dict[str, str]] = {}
    for run_id, task_id, map_index, state in conn.execute(query):
        name = task_id if map_index < 0 else f"{task_id}_{map_index}"
        found.setdefault(run_id, {})[name] = state
    return found


def _all_is_stored(conn: sa.Connection, request: AllIsStored, cipher: Cipher) -> None:
    """Whoever answers has committed all that came before the question."""


_ANSWERS: dict[type, Callable[[sa.Connection, Any, Cipher], Any]] = {
    GetVariable: _get_variable,
    VariableKeys: _variable_keys,
    SetVariable: _set_variable,
    DeleteVariable: _delete_variable,
    GetConnection: _get_connection,
    PullXCom: _pull_xcom,
    PreviousRun: _previous_run,
    RunStateOf: _run_state,
    TaskStatesOf: _task_states,
    AllIsStored: _all_is_stored,
}

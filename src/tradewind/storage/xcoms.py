"""XComs: the values tasks leave for each other."""

import functools
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tradewind.model.changes import XComsShared, XComWritten
from tradewind.model.keys import RunKey, TaskKey
from tradewind.model.requests import PullXCom, XComItems
from tradewind.storage import statements
from tradewind.storage.tables import IS_CHOICE, dag_run, xcom

_WRITE = statements.upsert(xcom)
_PUSHED = (xcom.c.timestamp, xcom.c.key == "return_value")
"""The order in which a task pushes: what it returns is the last."""
_SHARE = statements.Statement(
    sa.insert(xcom).from_select(
        [column.name for column in xcom.c],
        sa.select(
            *(
                sa.bindparam("to_run_id", type_=column.type).label("run_id")
                if column.name == "run_id"
                else column
                for column in xcom.c
            )
        ).where(
            xcom.c.dag_id == sa.bindparam("of_dag_id"),
            xcom.c.run_id == sa.bindparam("of_run_id"),
            xcom.c.task_id == sa.bindparam("of_task_id"),
        ),
    )
)
_CLEAR = statements.delete(xcom, "dag_id", "run_id", "task_id", "map_index")


def write(conn: sa.Connection, values: Iterable[XComWritten], now: datetime) -> None:
    """Insert values, each replacing one of the same task instance and key."""
    _WRITE.run(
        conn,
        [
            {
                **written.task._asdict(),
                "key": written.key,
                "value": written.value,
                "timestamp": now,
            }
            for written in values
        ],
    )


def clear(conn: sa.Connection, tasks: Iterable[TaskKey]) -> None:
    """Delete all values of task instances."""
    _CLEAR.run(conn, [task._asdict() for task in tasks])


def share(conn: sa.Connection, change: XComsShared) -> None:
    """Copy all values of tasks of one run to another run of the same DAG."""
    _SHARE.run(
        conn,
        [
            {
                "to_run_id": change.to.run_id,
                "of_dag_id": change.of.dag_id,
                "of_run_id": change.of.run_id,
                "of_task_id": task_id,
            }
            for task_id in change.task_ids
        ],
    )


def get(conn: sa.Connection, task: TaskKey, key: str) -> tuple[Any] | None:
    """The one value in a tuple (it may be None), or None if there is none."""
    query = sa.select(xcom.c.value).where(
        *[xcom.c[name] == value for name, value in task._asdict().items()], xcom.c.key == key
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else (row.value,)


def choices(
    conn: sa.Connection, of_runs: sa.ColumnElement[bool]
) -> dict[RunKey, list[tuple[str, int, Any]]]:
    """(task_id, map_index, value) of what tasks have chosen to go on with, by run; `of_runs` is a
    condition on `xcom`.
    """
    columns = xcom.c.dag_id, xcom.c.run_id, xcom.c.task_id, xcom.c.map_index, xcom.c.value
    found: dict[RunKey, list[tuple[str, int, Any]]] = {}
    for dag_id, run_id, *choice in conn.execute(sa.select(*columns).where(of_runs, IS_CHOICE)):
        found.setdefault(RunKey(dag_id, run_id), []).append(tuple(choice))
    return found


def pull(conn: sa.Connection, request: PullXCom) -> list[tuple[str, int, Any]]:
    """(task_id, map_index, value) in the order of the request's task_ids, then by map_index."""
    of_run = _wanted(request).where(xcom.c.run_id == request.run_id)
    if request.key is None:
        of_run = of_run.order_by(*_PUSHED)
    found = {(row.task_id, row.map_index): row.value for row in conn.execute(of_run)}
    if request.include_prior_dates:
        for row in conn.execute(_earlier(request)):
            found.setdefault((row.task_id, row.map_index), row.value)
    place = {task_id: index for index, task_id in enumerate(request.task_ids)}
    return sorted(
        ((task_id, map_index, value) for (task_id, map_index), value in found.items()),
        key=lambda item: (place.get(item[0], 0), item[0], item[1]),
    )


_decoded = functools.lru_cache(maxsize=2)(json.loads)
"""Of a list that many task instances take one item each of."""


def items(conn: sa.Connection, request: XComItems) -> dict[str, Any]:
    """The answer to an XComItems."""
    of_key = (
        (xcom.c.dag_id == request.dag_id)
        & (xcom.c.run_id == request.run_id)
        & (xcom.c.task_id == request.task_id)
        & (xcom.c.key == request.key)
    )
    text = sa.type_coerce(xcom.c.value, sa.Text)
    own = conn.execute(sa.select(text).where(of_key, xcom.c.map_index == -1)).scalar()
    if own is not None:
        value = _decoded(own)
        if not isinstance(value, list):
            return {"whole": value}
        return {"count": len(value), "items": value[request.start : request.stop]}
    of_instances = of_key & (xcom.c.map_index >= 0)
    count = conn.execute(sa.select(sa.func.count()).where(of_instances)).scalar_one()
    some = (
        sa.select(xcom.c.value)
        .where(of_instances)
        .order_by(xcom.c.map_index)
        .offset(request.start)
        .limit(request.stop - request.start)
    )
    return {"count": count, "items": list(conn.execute(some).scalars())}


def _wanted(request: PullXCom) -> sa.Select[Any]:
    query = sa.select(xcom.c.task_id, xcom.c.map_index, xcom.c.value).where(
        xcom.c.dag_id == request.dag_id
    )
    if request.key is not None:
        query = query.where(xcom.c.key == request.key)
    if request.task_ids:
        query = query.where(xcom.c.task_id.in_(request.task_ids))
    if request.map_indexes:
        query = query.where(xcom.c.map_index.in_(request.map_indexes))
    return query


def _earlier(request: PullXCom) -> sa.Select[Any]:
    """The same of earlier runs, latest first."""
    this_run = (
        sa.select(dag_run.c.logical_date)
        .where(dag_run.c.dag_id == request.dag_id, dag_run.c.run_id == request.run_id)
        .scalar_subquery()
    )
    return (
        _wanted(request)
        .join_from(
            xcom,
            dag_run,
            (dag_run.c.dag_id == xcom.c.dag_id) & (dag_run.c.run_id == xcom.c.run_id),
        )
        .where(dag_run.c.logical_date < this_run)
        .order_by(dag_run.c.logical_date.desc(), *(column.desc() for column in _PUSHED))
    )

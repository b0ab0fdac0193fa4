"""XComs as lists and pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tradewind.model.keys import TaskKey
from tradewind.storage.listings.criteria import (
    Conditions,
    Search,
    one_of,
    ordering,
    read_one,
    read_page,
)
from tradewind.storage.tables import dag, dag_run, xcom


@dataclass(frozen=True, slots=True, kw_only=True)
class XComRow:
    """One value that a task instance pushed."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    key: str
    value: Any
    timestamp: datetime
    dag_display_name: str | None
    version: int
    run_after: datetime
    logical_date: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class XComFilters:
    """Which values; what is None or empty does not matter."""

    dag_ids: Sequence[str] = ()
    run_ids: Sequence[str] = ()
    task_ids: Sequence[str] = ()
    keys: Sequence[str] = ()
    map_index: int | None = None
    search: Search = field(default_factory=Search)
    """Ranges: run_after, logical_date. Texts: xcom_key, dag_display_name, run_id, task_id."""


def list_xcoms(
    conn: sa.Connection,
    filters: XComFilters,
    *,
    limit: int | None = None,
    offset: int = 0,
    order_by: Sequence[str] = (),
) -> tuple[list[XComRow], int]:
    """One page of values and their number. Raises UnknownOrder."""
    query = _xcoms().where(*_conditions(filters))
    allowed: dict[str, sa.ColumnElement[Any]] = {
        "key": xcom.c.key,
        "dag_id": xcom.c.dag_id,
        "run_id": xcom.c.run_id,
        "task_id": xcom.c.task_id,
        "map_index": xcom.c.map_index,
        "timestamp": xcom.c.timestamp,
        "run_after": dag_run.c.run_after,
    }
    ties = (xcom.c.dag_id, xcom.c.task_id, xcom.c.run_id, xcom.c.map_index, xcom.c.key)
    order = ordering(order_by, allowed, *ties)
    return read_page(conn, query, order=order, limit=limit, offset=offset, into=XComRow)


def find_xcom(conn: sa.Connection, task: TaskKey, key: str) -> XComRow | None:
    """One value."""
    query = _xcoms().where(
        xcom.c.dag_id == task.dag_id,
        xcom.c.run_id == task.run_id,
        xcom.c.task_id == task.task_id,
        xcom.c.map_index == task.map_index,
        xcom.c.key == key,
    )
    return read_one(conn, query, XComRow)


def _xcoms() -> sa.Select[Any]:
    joined = xcom.join(
        dag_run, sa.and_(dag_run.c.dag_id == xcom.c.dag_id, dag_run.c.run_id == xcom.c.run_id)
    ).outerjoin(dag, dag.c.dag_id == xcom.c.dag_id)
    return sa.select(
        xcom.c.dag_id,
        xcom.c.run_id,
        xcom.c.task_id,
        xcom.c.map_index,
        xcom.c.key,
        xcom.c.value,
        xcom.c.timestamp,
        dag.c.display_name.label("dag_display_name"),
        dag_run.c.version,
        dag_run.c.run_after,
        dag_run.c.logical_date,
    ).select_from(joined)


def _conditions(filters: XComFilters) -> Conditions:
    found = [
        *filters.search.conditions(
            {
                "xcom_key": xcom.c.key,
                "dag_display_name": dag.c.display_name,
                "run_id": xcom.c.run_id,
                "task_id": xcom.c.task_id,
                "logical_date": dag_run.c.logical_date,
                "run_after": dag_run.c.run_after,
            }
        ),
        *one_of(xcom.c.dag_id, filters.dag_ids),
        *one_of(xcom.c.run_id, filters.run_ids),
        *one_of(xcom.c.task_id, filters.task_ids),
        *one_of(xcom.c.key, filters.keys),
    ]
    if filters.map_index is not None:
        found.append(xcom.c.map_index == filters.map_index)
    return found

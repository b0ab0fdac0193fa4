"""Task instances and their earlier tries as lists and pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tradewind.model.keys import TaskKey
from tradewind.storage.listings.criteria import (
    Conditions,
    Search,
    duration_s,
    one_of,
    ordering,
    read_one,
    read_page,
)
from tradewind.storage.tables import (
    dag,
    dag_run,
    dag_version,
    rendered_fields,
    task_instance,
    task_instance_history,
    task_note,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One task instance, or one earlier try of it."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    dag_display_name: str | None
    bundle_name: str | None
    version: int
    version_created_at: datetime | None
    run_after: datetime
    logical_date: datetime | None
    state: str
    try_number: int
    max_tries: int
    scheduled_at: datetime | None
    queued_at: datetime | None
    start_date: datetime | None
    end_date: datetime | None
    due_at: datetime | None
    hostname: str | None
    pid: int | None
    cpu_s: float | None
    max_rss_kib: int | None
    exit_reason: str | None
    rendered_map_index: str | None
    """What a mapped one is shown as: its map_index_template, or its map index."""
    operator: str
    pool: str
    pool_slots: int
    queue: str
    executor: str | None
    priority_weight: int
    rendered_fields: dict[str, Any] | None
    note: str | None

    @property
    def key(self) -> TaskKey:
        return TaskKey(self.dag_id, self.run_id, self.task_id, self.map_index)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilters:
    """Which task instances; what is None or empty does not matter."""

    dag_ids: Sequence[str] = ()
    run_ids: Sequence[str] = ()
    task_ids: Sequence[str] = ()
    map_indexes: Sequence[int] = ()
    mapped_only: bool = False
    keys: Sequence[TaskKey] | None = None
    """These and no others; None for any."""
    states: Sequence[str] = ()
    pools: Sequence[str] = ()
    queues: Sequence[str] = ()
    executors: Sequence[str] = ()
    operators: Sequence[str] = ()
    versions: Sequence[int] = ()
    try_numbers: Sequence[int] = ()
    search: Search = field(default_factory=Search)
    """Ranges: run_after, logical_date, start_date, end_date, updated_at, duration. Texts: dag_id,
    run_id, task_id, pool_name, queue_name, operator_name, rendered_map_index."""


def list_tasks(
    conn: sa.Connection,
    filters: TaskFilters,
    *,
    limit: int | None = None,
    offset: int = 0,
    order_by: Sequence[str] = (),
) -> tuple[list[TaskRow], int]:
    """One page of task instances and their number. Raises UnknownOrder."""
    columns = _columns(conn)
    query = _instances().where(*_conditions(filters, columns))
    ti = task_instance.c
    allowed = {
        "id": ti.task_id,
        "state": ti.state,
        "map_index": ti.map_index,
        "try_number": ti.try_number,
        "operator": ti.operator,
        "data_interval_start": dag_run.c.data_interval_start,
        "data_interval_end": dag_run.c.data_interval_end,
        **columns,
    }
    ties = (dag_run.c.run_after, ti.dag_id, ti.run_id, ti.task_id, ti.map_index)
    order = ordering(order_by or ("map_index",), allowed, *ties)
    return read_page(conn, query, order=order, limit=limit, offset=offset, into=TaskRow)


def find_task(conn: sa.Connection, key: TaskKey) -> TaskRow | None:
    """One task instance at its latest try."""
    return read_one(conn, _instances().where(*_is(task_instance, key)), TaskRow)


def list_tries(conn: sa.Connection, key: TaskKey) -> list[TaskRow]:
    """Every try of a task instance, first to latest."""
    earlier = sa.select(*_listed(task_instance_history, sa.null(), sa.null())).select_from(
        _with_run(task_instance_history)
    )
    query = earlier.where(*_is(task_instance_history, key)).order_by(
        task_instance_history.c.try_number
    )
    tries = [TaskRow(**row._mapping) for row in conn.execute(query)]
    latest = find_task(conn, key)
    # A cleared task instance still carries the number of its last try, which is history already.
    if latest is not None and latest.try_number not in {row.try_number for row in tries}:
        tries.append(latest)
    return tries


def _is(table: sa.Table, key: TaskKey) -> Conditions:
    return [
        table.c.dag_id == key.dag_id,
        table.c.run_id == key.run_id,
        table.c.task_id == key.task_id,
        table.c.map_index == key.map_index,
    ]


def _instances() -> sa.Select[Any]:
    joined = (
        _with_run(task_instance)
        .outerjoin(
            rendered_fields,
            sa.and_(
                rendered_fields.c.dag_id == task_instance.c.dag_id,
                rendered_fields.c.run_id == task_instance.c.run_id,
                rendered_fields.c.task_id == task_instance.c.task_id,
                rendered_fields.c.map_index == task_instance.c.map_index,
            ),
        )
        .outerjoin(
            task_note,
            sa.and_(
                task_note.c.dag_id == task_instance.c.dag_id,
                task_note.c.run_id == task_instance.c.run_id,
                task_note.c.task_id == task_instance.c.task_id,
                task_note.c.map_index == task_instance.c.map_index,
            ),
        )
    )
    listed = _listed(task_instance, rendered_fields.c.fields, task_note.c.note)
    return sa.select(*listed).select_from(joined)


def _with_run(table: sa.Table) -> sa.Join:
    return (
        table.join(
            dag_run,
            sa.and_(dag_run.c.dag_id == table.c.dag_id, dag_run.c.run_id == table.c.run_id),
        )
        .outerjoin(dag, dag.c.dag_id == table.c.dag_id)
        .outerjoin(
            dag_version,
            sa.and_(
                dag_version.c.dag_id == dag_run.c.dag_id,
                dag_version.c.version == dag_run.c.version,
            ),
        )
    )


def _listed(
    table: sa.Table, fields: sa.ColumnElement[Any], note: sa.ColumnElement[Any]
) -> list[sa.ColumnElement[Any]]:
    return [
        table.c.dag_id,
        table.c.run_id,
        table.c.task_id,
        table.c.map_index,
        dag.c.display_name.label("dag_display_name"),
        dag.c.bundle_name,
        dag_run.c.version,
        dag_version.c.created_at.label("version_created_at"),
        dag_run.c.run_after,
        dag_run.c.logical_date,
        table.c.state,
        table.c.try_number,
        table.c.max_tries,
        table.c.scheduled_at,
        table.c.queued_at,
        table.c.start_date,
        table.c.end_date,
        table.c.due_at,
        table.c.hostname,
        table.c.pid,
        table.c.cpu_s,
        table.c.max_rss_kib,
        table.c.exit_reason,
        _name_of(table).label("rendered_map_index"),
        table.c.operator,
        table.c.pool,
        table.c.pool_slots,
        table.c.queue,
        table.c.executor,
        table.c.priority_weight,
        fields.label("rendered_fields"),
        note.label("note"),
    ]


def _name_of(table: sa.Table) -> sa.ColumnElement[Any]:
    number = sa.case((table.c.map_index >= 0, sa.cast(table.c.map_index, sa.Text)))
    return sa.func.coalesce(table.c.rendered_map_index, number)


def _columns(conn: sa.Connection) -> dict[str, sa.ColumnElement[Any]]:
    ti = task_instance.c
    return {
        "dag_id": ti.dag_id,
        "run_id": ti.run_id,
        "task_id": ti.task_id,
        "pool_name": ti.pool,
        "queue_name": ti.queue,
        "operator_name": ti.operator,
        "rendered_map_index": _name_of(task_instance),
        "run_after": dag_run.c.run_after,
        "logical_date": dag_run.c.logical_date,
        "start_date": ti.start_date,
        "end_date": ti.end_date,
        "duration": duration_s(conn, ti.start_date, ti.end_date),
        # the latest step that the row knows of
        "updated_at": sa.func.coalesce(
            ti.end_date, ti.start_date, ti.queued_at, ti.scheduled_at, dag_run.c.queued_at
        ),
    }


def _conditions(filters: TaskFilters, columns: dict[str, sa.ColumnElement[Any]]) -> Conditions:
    ti = task_instance.c
    found = [
        *filters.search.conditions(columns),
        *one_of(ti.dag_id, filters.dag_ids),
        *one_of(ti.run_id, filters.run_ids),
        *one_of(ti.task_id, filters.task_ids),
        *one_of(ti.map_index, filters.map_indexes),
        *one_of(ti.state, filters.states),
        *one_of(ti.pool, filters.pools),
        *one_of(ti.queue, filters.queues),
        *one_of(ti.executor, filters.executors),
        *one_of(ti.operator, filters.operators),
        *one_of(dag_run.c.version, filters.versions),
        *one_of(ti.try_number, filters.try_numbers),
    ]
    if filters.mapped_only:
        found.append(ti.map_index >= 0)
    if filters.keys is not None:
        key = sa.tuple_(ti.dag_id, ti.run_id, ti.task_id, ti.map_index)
        found.append(key.in_([tuple(wanted) for wanted in filters.keys]))
    return found

"""Answers what user code asks about runs and task instances, of its own DAG and of others."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tradewind.model.codec import from_data, to_data
from tradewind.model.errors import NotFound
from tradewind.model.plan import Plan
from tradewind.model.requests import (
    Breadcrumbs,
    DagOf,
    PreviousRun,
    PreviousTask,
    RunCount,
    RunStateOf,
    TaskCount,
    TasksOf,
    TaskStatesOf,
)
from tradewind.model.states import FINISHED, TaskState
from tradewind.storage.secrets import Cipher
from tradewind.storage.tables import dag, dag_run, dag_version, task_instance


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


def _run_count(conn: sa.Connection, request: RunCount, cipher: Cipher) -> int:
    query = sa.select(sa.func.count()).where(dag_run.c.dag_id == request.dag_id)
    for column, wanted in (
        (dag_run.c.run_id, request.run_ids),
        (dag_run.c.logical_date, request.logical_dates),
        (dag_run.c.state, request.states),
    ):
        if wanted:
            query = query.where(column.in_(wanted))
    return int(conn.execute(query).scalar_one())


def _task_states(conn: sa.Connection, request: TaskStatesOf, cipher: Cipher) -> Any:
    query = sa.select(
        task_instance.c.run_id,
        task_instance.c.task_id,
        task_instance.c.map_index,
        task_instance.c.state,
    ).where(*_chosen(conn, request))
    found: dict[str, dict[str, str | None]] = {}
    for run_id, task_id, map_index, state in conn.execute(query):
        name = task_id if map_index < 0 else f"{task_id}_{map_index}"
        found.setdefault(run_id, {})[name] = None if state == TaskState.NONE else state
    return found


def _task_count(conn: sa.Connection, request: TaskCount, cipher: Cipher) -> int:
    query = sa.select(sa.func.count()).where(*_chosen(conn, request))
    if request.states:
        query = query.where(task_instance.c.state.in_(request.states))
    return int(conn.execute(query).scalar_one())


def _previous_task(conn: sa.Connection, request: PreviousTask, cipher: Cipher) -> Any:
    query = (
        sa.select(
            task_instance.c.task_id,
            task_instance.c.dag_id,
            task_instance.c.run_id,
            dag_run.c.logical_date,
            task_instance.c.start_date,
            task_instance.c.end_date,
            task_instance.c.state,
            task_instance.c.try_number,
            task_instance.c.map_index,
        )
        .join_from(
            task_instance,
            dag_run,
            (dag_run.c.dag_id == task_instance.c.dag_id)
            & (dag_run.c.run_id == task_instance.c.run_id),
        )
        .where(
            task_instance.c.dag_id == request.dag_id,
            task_instance.c.task_id == request.task_id,
            task_instance.c.map_index == request.map_index,
        )
        .order_by(dag_run.c.logical_date.desc().nulls_last())
        .limit(1)
    )
    if request.before is not None:
        query = query.where(dag_run.c.logical_date < request.before)
    if request.state is not None:
        query = query.where(task_instance.c.state == request.state)
    row = conn.execute(query).mappings().one_or_none()
    if row is None:
        return None
    state = None if row["state"] == TaskState.NONE else row["state"]
    duration = _duration(row["start_date"], row["end_date"])
    return to_data({**row, "state": state, "duration": duration})


def _breadcrumbs(conn: sa.Connection, request: Breadcrumbs, cipher: Cipher) -> Any:
    query = (
        sa.select(
            task_instance.c.task_id,
            task_instance.c.map_index,
            task_instance.c.state,
            task_instance.c.operator,
            task_instance.c.start_date,
            task_instance.c.end_date,
        )
        .where(
            task_instance.c.dag_id == request.dag_id,
            task_instance.c.run_id == request.run_id,
            task_instance.c.state.in_(FINISHED),
        )
        .order_by(task_instance.c.task_id, task_instance.c.map_index)
    )
    return [
        {
            "task_id": row.task_id,
            "map_index": row.map_index,
            "state": row.state,
            "operator": row.operator,
            "duration": _duration(row.start_date, row.end_date),
        }
        for row in conn.execute(query)
    ]


def _dag(conn: sa.Connection, request: DagOf, cipher: Cipher) -> Any:
    plan = _latest_plan(conn, request.dag_id)
    if plan is None:
        return None
    query = sa.select(
        dag.c.dag_id, dag.c.is_paused, dag.c.bundle_name, dag.c.relative_fileloc, dag.c.owners
    ).where(dag.c.dag_id == request.dag_id)
    return {
        **conn.execute(query).mappings().one(),
        "tags": sorted(plan.tags),
        "tasks": [task.task_id for task in plan.tasks],
        "groups": [group.group_id for group in plan.groups],
    }


def _chosen(conn: sa.Connection, request: TasksOf) -> list[sa.ColumnElement[bool]]:
    """The conditions that select the task instances a request is about. Raises NotFound."""
    conditions = [task_instance.c.dag_id == request.dag_id]
    if request.run_ids:
        conditions.append(task_instance.c.run_id.in_(request.run_ids))
    if request.logical_dates:
        of_dates = sa.select(dag_run.c.run_id).where(
            dag_run.c.dag_id == request.dag_id, dag_run.c.logical_date.in_(request.logical_dates)
        )
        conditions.append(task_instance.c.run_id.in_(of_dates))
    if request.task_ids or request.task_group_id is not None:
        task_ids = set(request.task_ids)
        if request.task_group_id is not None:
            task_ids |= _tasks_of_group(conn, request.dag_id, request.task_group_id)
        conditions.append(task_instance.c.task_id.in_(sorted(task_ids)))
    if request.map_index is not None:
        conditions.append(task_instance.c.map_index == request.map_index)
    return conditions


def _tasks_of_group(conn: sa.Connection, dag_id: str, group_id: str) -> set[str]:
    """The tasks of a group and of all groups in it, as the DAG is now."""
    plan = _latest_plan(conn, dag_id)
    if plan is None:
        raise NotFound(f"there is no DAG {dag_id}")
    within = {group_id}
    parents = {group.group_id: group.parent_id for group in plan.groups}
    if group_id not in parents:
        raise NotFound(f"DAG {dag_id} has no task group {group_id}")
    while more := {name for name, parent in parents.items() if parent in within} - within:
        within |= more
    return {task.task_id for task in plan.tasks if task.group_id in within}


def _latest_plan(conn: sa.Connection, dag_id: str) -> Plan | None:
    query = (
        sa.select(dag_version.c.plan)
        .join_from(
            dag,
            dag_version,
            (dag_version.c.dag_id == dag.c.dag_id) & (dag_version.c.version == dag.c.version),
        )
        .where(dag.c.dag_id == dag_id, dag.c.is_stale.is_(False))
    )
    found = conn.execute(query).scalar()
    return None if found is None else from_data(Plan, found)


def _duration(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds; None before it has ended."""
    return None if start is None or end is None else (end - start).total_seconds()


ANSWERS: dict[type, Callable[[sa.Connection, Any, Cipher], Any]] = {
    PreviousRun: _previous_run,
    RunStateOf: _run_state,
    RunCount: _run_count,
    TaskStatesOf: _task_states,
    TaskCount: _task_count,
    PreviousTask: _previous_task,
    Breadcrumbs: _breadcrumbs,
    DagOf: _dag,
}

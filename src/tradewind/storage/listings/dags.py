"""DAGs as lists and pages show them: the row, its next run and its tags; not the Plan."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tradewind.storage.listings.criteria import (
    Conditions,
    Range,
    Search,
    ordering,
    read_one,
    read_page,
)
from tradewind.storage.tables import dag, dag_run, dag_schedule, dag_tag, dag_version


@dataclass(frozen=True, slots=True, kw_only=True)
class DagRow:
    """One DAG at its latest version."""

    dag_id: str
    display_name: str
    fileloc: str
    relative_fileloc: str
    bundle_name: str
    version: int
    code_hash: str
    version_created_at: datetime
    is_paused: bool
    is_stale: bool
    has_import_errors: bool
    last_parsed_time: datetime
    last_parse_duration: float | None
    description: str | None
    owners: list[str]
    timetable_summary: str | None
    timetable_description: str | None
    max_active_tasks: int
    max_active_runs: int
    last_run_after: datetime | None
    next_run_after: datetime | None
    next_interval_start: datetime | None
    next_interval_end: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DagFilters:
    """Which DAGs; what is None or empty does not matter."""

    dag_ids: Sequence[str] = ()
    tags: Sequence[str] = ()
    all_tags: bool = False
    """True: a DAG must have every one of `tags`; False: one of them."""
    owners: Sequence[str] = ()
    paused: bool | None = None
    exclude_stale: bool = True
    has_import_errors: bool | None = None
    bundle_name: str | None = None
    run_states: Sequence[str] = ()
    """DAGs with a run in one of these states."""
    run_started: Range = Range()
    run_ended: Range = Range()
    last_run_state: str | None = None
    search: Search = field(default_factory=Search)


def list_dags(
    conn: sa.Connection,
    filters: DagFilters,
    *,
    limit: int | None = None,
    offset: int = 0,
    order_by: Sequence[str] = (),
) -> tuple[list[DagRow], int]:
    """One page of DAGs and their number. Raises UnknownOrder."""
    query = _dags().where(*_conditions(filters))
    latest = {
        "last_run_state": _of_last_run(dag_run.c.state),
        "last_run_start_date": _of_last_run(dag_run.c.start_date),
    }
    allowed: dict[str, sa.ColumnElement[Any]] = {
        "dag_id": dag.c.dag_id,
        "dag_display_name": dag.c.display_name,
        "next_dagrun": dag_schedule.c.next_run_after,
        "state": latest["last_run_state"],
        "start_date": latest["last_run_start_date"],
        **latest,
    }
    order = ordering(order_by, allowed, dag.c.dag_id)
    return read_page(conn, query, order=order, limit=limit, offset=offset, into=DagRow)


def find_dag(conn: sa.Connection, dag_id: str) -> DagRow | None:
    """One DAG, also a stale one."""
    return read_one(conn, _dags().where(dag.c.dag_id == dag_id), DagRow)


def tags_of(conn: sa.Connection, dag_ids: Sequence[str]) -> dict[str, list[str]]:
    """Tags in alphabetical order, by dag_id; a DAG without tags is left out."""
    found: dict[str, list[str]] = {}
    query = (
        sa.select(dag_tag.c.dag_id, dag_tag.c.name)
        .where(dag_tag.c.dag_id.in_(dag_ids))
        .order_by(dag_tag.c.dag_id, dag_tag.c.name)
    )
    for dag_id, name in conn.execute(query):
        found.setdefault(dag_id, []).append(name)
    return found


def _dags() -> sa.Select[Any]:
    joined = dag.outerjoin(dag_schedule, dag_schedule.c.dag_id == dag.c.dag_id).outerjoin(
        dag_version,
        sa.and_(dag_version.c.dag_id == dag.c.dag_id, dag_version.c.version == dag.c.version),
    )
    return sa.select(
        dag.c.dag_id,
        dag.c.display_name,
        dag.c.fileloc,
        dag.c.relative_fileloc,
        dag.c.bundle_name,
        dag.c.version,
        dag.c.code_hash,
        dag_version.c.created_at.label("version_created_at"),
        dag.c.is_paused,
        dag.c.is_stale,
        dag.c.has_import_errors,
        dag.c.last_parsed_time,
        dag.c.last_parse_duration,
        dag.c.description,
        dag.c.owners,
        dag.c.timetable_summary,
        dag.c.timetable_description,
        dag.c.max_active_tasks,
        dag.c.max_active_runs,
        dag_schedule.c.last_run_after,
        dag_schedule.c.next_run_after,
        dag_schedule.c.next_interval_start,
        dag_schedule.c.next_interval_end,
    ).select_from(joined)


def _conditions(filters: DagFilters) -> Conditions:
    found = filters.search.conditions(
        {"dag_id": dag.c.dag_id, "dag_display_name": dag.c.display_name}
    )
    if filters.dag_ids:
        found.append(dag.c.dag_id.in_(filters.dag_ids))
    if filters.paused is not None:
        found.append(dag.c.is_paused == filters.paused)
    if filters.exclude_stale:
        found.append(dag.c.is_stale == sa.false())
    if filters.has_import_errors is not None:
        found.append(dag.c.has_import_errors == filters.has_import_errors)
    if filters.bundle_name is not None:
        found.append(dag.c.bundle_name == filters.bundle_name)
    if filters.owners:
        # `owners` is the text of a JSON list, in which each name stands in quotes.
        names = [json.dumps(owner) for owner in filters.owners]
        found.append(sa.or_(*(dag.c.owners.contains(name, autoescape=True) for name in names)))
    return found + _tag_conditions(filters) + _run_conditions(filters)


def _tag_conditions(filters: DagFilters) -> Conditions:
    if not filters.tags:
        return []
    tagged = sa.select(dag_tag.c.dag_id).where(dag_tag.c.name.in_(filters.tags))
    if filters.all_tags:
        tagged = tagged.group_by(dag_tag.c.dag_id).having(sa.func.count() == len(set(filters.tags)))
    return [dag.c.dag_id.in_(tagged)]


def _run_conditions(filters: DagFilters) -> Conditions:
    found: Conditions = []
    search = Search(ranges={"start_date": filters.run_started, "end_date": filters.run_ended})
    of_a_run = search.conditions(
        {"start_date": dag_run.c.start_date, "end_date": dag_run.c.end_date}
    )
    if filters.run_states:
        of_a_run.append(dag_run.c.state.in_(filters.run_states))
    if of_a_run:
        found.append(dag.c.dag_id.in_(sa.select(dag_run.c.dag_id).where(*of_a_run)))
    if filters.last_run_state is not None:
        found.append(_of_last_run(dag_run.c.state) == filters.last_run_state)
    return found


def _of_last_run(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return (
        sa.select(column)
        .where(dag_run.c.dag_id == dag.c.dag_id)
        .order_by(dag_run.c.run_after.desc(), dag_run.c.run_id.desc())
        .limit(1)
        .correlate(dag)
        .scalar_subquery()
    )

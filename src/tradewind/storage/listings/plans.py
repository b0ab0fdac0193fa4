"""Versions of a DAG and their Plans."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tradewind.model.codec import from_data
from tradewind.model.plan import Plan
from tradewind.storage.listings.criteria import ordering, read_one, read_page
from tradewind.storage.tables import dag, dag_version


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version of a DAG."""

    dag_id: str
    version: int
    dag_display_name: str | None
    bundle_name: str | None
    code_hash: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFilters:
    """Which versions; what is None does not matter."""

    dag_id: str | None = None
    version: int | None = None
    bundle_name: str | None = None


def list_versions(
    conn: sa.Connection,
    filters: VersionFilters,
    *,
    limit: int | None = None,
    offset: int = 0,
    order_by: Sequence[str] = (),
) -> tuple[list[VersionRow], int]:
    """One page of versions and their number. Raises UnknownOrder."""
    query = _versions()
    if filters.dag_id is not None:
        query = query.where(dag_version.c.dag_id == filters.dag_id)
    if filters.version is not None:
        query = query.where(dag_version.c.version == filters.version)
    if filters.bundle_name is not None:
        query = query.where(dag.c.bundle_name == filters.bundle_name)
    allowed: dict[str, sa.ColumnElement[Any]] = {
        "id": dag_version.c.created_at,
        "version_number": dag_version.c.version,
        "bundle_name": dag.c.bundle_name,
    }
    order = ordering(order_by, allowed, dag_version.c.dag_id, dag_version.c.version)
    return read_page(conn, query, order=order, limit=limit, offset=offset, into=VersionRow)


def find_version(conn: sa.Connection, dag_id: str, version: int) -> VersionRow | None:
    """One version of a DAG."""
    query = _versions().where(dag_version.c.dag_id == dag_id, dag_version.c.version == version)
    return read_one(conn, query, VersionRow)


def find_plan(conn: sa.Connection, dag_id: str, version: int) -> Plan | None:
    """The Plan of one version of a DAG."""
    query = sa.select(dag_version.c.plan).where(
        dag_version.c.dag_id == dag_id, dag_version.c.version == version
    )
    data = conn.execute(query).scalar_one_or_none()
    return None if data is None else from_data(Plan, data)


def _versions() -> sa.Select[Any]:
    return sa.select(
        dag_version.c.dag_id,
        dag_version.c.version,
        dag.c.display_name.label("dag_display_name"),
        dag.c.bundle_name,
        dag_version.c.code_hash,
        dag_version.c.created_at,
    ).select_from(dag_version.outerjoin(dag, dag.c.dag_id == dag_version.c.dag_id))

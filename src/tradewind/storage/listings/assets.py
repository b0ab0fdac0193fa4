"""Assets, aliases, events and queues as lists and pages show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tradewind.storage.assets import INLET, OUTLET, SCHEDULE
from tradewind.storage.listings.criteria import Search, one_of, ordering, read_one, read_page
from tradewind.storage.tables import (
    asset,
    asset_alias,
    asset_alias_member,
    asset_event,
    asset_event_run,
    asset_queue,
    asset_reference,
    dag,
    dag_run,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetRow:
    """One asset."""

    id: int
    name: str
    uri: str
    group: str
    extra: dict[str, Any]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Reference:
    """Who names an asset."""

    dag_id: str
    task_id: str | None
    created_at: datetime


@dataclass(slots=True)
class References:
    """All who name an asset, the aliases that stand for it, and its last event."""

    scheduled: list[Reference] = field(default_factory=list)
    producing: list[Reference] = field(default_factory=list)
    consuming: list[Reference] = field(default_factory=list)
    aliases: list["AliasRow"] = field(default_factory=list)
    last_event: tuple[int, datetime] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasRow:
    """One alias."""

    id: int
    name: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One event of an asset."""

    id: int
    asset_id: int
    name: str
    uri: str
    group: str
    at: datetime
    extra: dict[str, Any]
    dag_id: str | None
    run_id: str | None
    task_id: str | None
    map_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenByRow:
    """A run that took an event."""

    event_id: int
    dag_id: str
    run_id: str
    state: str
    logical_date: datetime | None
    start_date: datetime | None
    end_date: datetime | None
    data_interval_start: datetime | None
    data_interval_end: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedRow:
    """An asset of which events are queued for a DAG."""

    dag_id: str
    dag_display_name: str
    asset_id: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetFilters:
    """Which assets; what is empty does not matter."""

    search: Search = Search()
    dag_ids: Sequence[str] = ()
    only_active: bool = False
    name: str | None = None
    uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilters:
    """Which events; what is None does not matter."""

    search: Search = Search()
    event_id: int | None = None
    asset_id: int | None = None
    source_dag_id: str | None = None
    source_task_id: str | None = None
    source_run_id: str | None = None
    source_map_index: int | None = None
    taken_by: tuple[str, str] | None = None
    """(dag_id, run_id)."""


_NAMES_IT = (
    asset_reference.c.alias.is_(None)
    & (asset_reference.c.name.is_(None) | (asset_reference.c.name == asset.c.name))
    & (asset_reference.c.uri.is_(None) | (asset_reference.c.uri == asset.c.uri))
)
_IS_LIVE = (dag.c.dag_id == asset_reference.c.dag_id) & dag.c.is_stale.is_(False)


def list_assets(
    conn: sa.Connection,
    filters: AssetFilters,
    *,
    limit: int | None = None,
    offset: int = 0,
    order_by: Sequence[str] = (),
) -> tuple[list[AssetRow], int]:
    """One page of assets and their number. Raises UnknownOrder."""
    query = sa.select(asset).where(
        *filters.search.conditions({"name": asset.c.name, "uri": asset.c.uri})
    )
    if filters.name is not None:
        query = query.where(asset.c.name == filters.name)
    if filters.uri is not None:
        query = query.where(asset.c.uri == filters.uri)
    if filters.dag_ids:
        of_dags = asset_reference.c.dag_id.in_(list(filters.dag_ids))
        query = query.where(sa.exists().where(_NAMES_IT & of_dags))
    if filters.only_active:
        query = query.where(_is_active())
    order = ordering(order_by, {name: asset.c[name] for name in _ORDERS}, asset.c.id)
    return read_page(conn, query, order=order, limit=limit, offset=offset, into=AssetRow)


_ORDERS = ("id", "name", "uri", "created_at", "updated_at")


def _is_active() -> sa.ColumnElement[bool]:
    """Whether a live DAG names it, or an alias stands for it."""
    member = (asset_alias_member.c.name == asset.c.name) & (asset_alias_member.c.uri == asset.c.uri)
    return sa.exists().where(_NAMES_IT & _IS_LIVE) | sa.exists().where(member)


def find_asset(conn: sa.Connection, asset_id: int) -> AssetRow | None:
    """One asset."""
    return read_one(conn, sa.select(asset).where(asset.c.id == asset_id), AssetRow)


def references(conn: sa.Connection, asset_ids: Iterable[int]) -> dict[int, References]:
    """Who names each asset."""
    ids = list(asset_ids)
    found = {asset_id: References() for asset_id in ids}
    named = (
        sa.select(
            asset.c.id,
            asset_reference.c.kind,
            asset_reference.c.dag_id,
            asset_reference.c.task_id,
            asset_reference.c.created_at,
        )
        .select_from(asset.join(asset_reference, _NAMES_IT).join(dag, _IS_LIVE))
        .where(asset.c.id.in_(ids))
        .order_by(asset_reference.c.dag_id, asset_reference.c.number)
    )
    for asset_id, kind, dag_id, task_id, created_at in conn.execute(named):
        lists = {
            SCHEDULE: found[asset_id].scheduled,
            OUTLET: found[asset_id].producing,
            INLET: found[asset_id].consuming,
        }
        lists[kind].append(Reference(dag_id, task_id, created_at))
    same = (asset_alias_member.c.name == asset.c.name) & (asset_alias_member.c.uri == asset.c.uri)
    through = asset.join(asset_alias_member, same).join(
        asset_alias, asset_alias.c.name == asset_alias_member.c.alias
    )
    aliases = (
        sa.select(asset.c.id.label("asset_id"), asset_alias)
        .select_from(through)
        .where(asset.c.id.in_(ids))
        .order_by(asset_alias.c.name)
    )
    for row in conn.execute(aliases):
        alias = AliasRow(id=row.id, name=row.name, group=row.group)
        found[row.asset_id].aliases.append(alias)
    of_asset = (asset_event.c.name == asset.c.name) & (asset_event.c.uri == asset.c.uri)
    last = (
        sa.select(asset.c.id, sa.func.max(asset_event.c.id).label("event_id"))
        .select_from(asset.join(asset_event, of_asset))
        .where(asset.c.id.in_(ids))
        .group_by(asset.c.id)
        .subquery()
    )
    latest = sa.select(last.c.id, asset_event.c.id.label("event_id"), asset_event.c.at).join_from(
        last, asset_event, asset_event.c.id == last.c.event_id
    )
    for asset_id, event_id, at in conn.execute(latest):
        found[asset_id].last_event = (event_id, at)
    return found


def list_aliases(
    conn: sa.Connection,
    search: Search,
    *,
    limit: int | None = None,
    offset: int = 0,
    order_by: Sequence[str] = (),
) -> tuple[list[AliasRow], int]:
    """One page of aliases and their number. Raises UnknownOrder."""
    query = sa.select(asset_alias).where(*search.conditions({"name": asset_alias.c.name}))
    allowed = {"id": asset_alias.c.id, "name": asset_alias.c.name}
    order = ordering(order_by, allowed, asset_alias.c.id)
    return read_page(conn, query, order=order, limit=limit, offset=offset, into=AliasRow)


def find_alias(conn: sa.Connection, alias_id: int) -> AliasRow | None:
    """One alias."""
    return read_one(conn, sa.select(asset_alias).where(asset_alias.c.id == alias_id), AliasRow)


def list_events(
    conn: sa.Connection,
    filters: EventFilters,
    *,
    limit: int | None = None,
    offset: int = 0,
    order_by: Sequence[str] = (),
) -> tuple[list[EventRow], int]:
    """One page of events and their number. Raises UnknownOrder."""
    columns = {"name": asset_event.c.name, "timestamp": asset_event.c.at}
    same = (asset.c.name == asset_event.c.name) & (asset.c.uri == asset_event.c.uri)
    query = (
        sa.select(
            *(asset_event.c[column.name] for column in asset_event.c if column.name != "aliases"),
            asset.c.id.label("asset_id"),
            asset.c.group,
        )
        .select_from(asset_event.join(asset, same))
        .where(*filters.search.conditions(columns))
    )
    for column, wanted in (
        (asset_event.c.id, filters.event_id),
        (asset.c.id, filters.asset_id),
        (asset_event.c.dag_id, filters.source_dag_id),
        (asset_event.c.task_id, filters.source_task_id),
        (asset_event.c.run_id, filters.source_run_id),
        (asset_event.c.map_index, filters.source_map_index),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if filters.taken_by is not None:
        taken = (asset_event_run.c.event_id == asset_event.c.id) & (
            asset_event_run.c.dag_id == filters.taken_by[0]
        )
        query = query.where(
            sa.exists().where(taken & (asset_event_run.c.run_id == filters.taken_by[1]))
        )
    allowed = {"id": asset_event.c.id, "timestamp": asset_event.c.at}
    order = ordering(order_by, allowed, asset_event.c.id)
    return read_page(conn, query, order=order, limit=limit, offset=offset, into=EventRow)


def taken_by(conn: sa.Connection, event_ids: Iterable[int]) -> dict[int, list[TakenByRow]]:
    """The runs that took each event."""
    names = [name for name in TakenByRow.__slots__ if name != "event_id"]
    same = (dag_run.c.dag_id == asset_event_run.c.dag_id) & (
        dag_run.c.run_id == asset_event_run.c.run_id
    )
    query = (
        sa.select(asset_event_run.c.event_id, *(dag_run.c[name] for name in names))
        .join_from(asset_event_run, dag_run, same)
        .where(*one_of(asset_event_run.c.event_id, event_ids))
        .order_by(asset_event_run.c.event_id, dag_run.c.dag_id, dag_run.c.run_id)
    )
    found: dict[int, list[TakenByRow]] = {}
    for row in conn.execute(query):
        found.setdefault(row.event_id, []).append(TakenByRow(**row._mapping))
    return found


def queued(
    conn: sa.Connection,
    *,
    dag_id: str | None = None,
    asset_id: int | None = None,
    before: datetime | None = None,
) -> list[QueuedRow]:
    """What is queued, of a DAG, of an asset, or of both; the first event of each."""
    same = (asset.c.name == asset_queue.c.name) & (asset.c.uri == asset_queue.c.uri)
    first = sa.func.min(asset_queue.c.at, type_=asset_queue.c.at.type).label("created_at")
    by = (asset_queue.c.dag_id, dag.c.display_name.label("dag_display_name"), asset.c.id)
    query = (
        sa.select(*by[:2], by[2].label("asset_id"), first)
        .select_from(asset_queue.join(asset, same).join(dag, dag.c.dag_id == asset_queue.c.dag_id))
        .group_by(asset_queue.c.dag_id, dag.c.display_name, asset.c.id)
        .order_by(asset_queue.c.dag_id, asset.c.id)
    )
    if dag_id is not None:
        query = query.where(asset_queue.c.dag_id == dag_id)
    if asset_id is not None:
        query = query.where(asset.c.id == asset_id)
    if before is not None:
        query = query.where(asset_queue.c.at < before)
    return [QueuedRow(**row._mapping) for row in conn.execute(query)]


def producers(conn: sa.Connection, asset_id: int) -> list[str]:
    """The live DAGs in which a task writes an asset."""
    return sorted({item.dag_id for item in references(conn, [asset_id])[asset_id].producing})

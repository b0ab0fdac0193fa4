"""Assets: which there are, their events, and what is queued for the DAGs that wait for them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from tradewind.model.assets import AssetKey, AssetsSnapshot, QueuedUpdate
from tradewind.model.changes import AssetUpdated, EventsConsumed, QueuedEventsDropped
from tradewind.model.plan import Plan
from tradewind.storage import statements
from tradewind.storage.statements import Insert, Statement
from tradewind.storage.tables import (
    asset,
    asset_alias,
    asset_alias_member,
    asset_event,
    asset_event_run,
    asset_queue,
    asset_reference,
)

AssetChange = AssetUpdated | EventsConsumed | QueuedEventsDropped

SCHEDULE, INLET, OUTLET = "schedule", "inlet", "outlet"
"""How an asset is referred to."""

# --- what DAGs name, for the dag-processor ----------------------------------------------------

_ADD_REFERENCES = statements.insert(asset_reference)


def record(conn: sa.Connection, plan: Plan, now: datetime) -> None:
    """Keep the assets and aliases that a DAG names, and where it names them."""
    _record_assets(conn, plan, now)
    rows = [dict(row) for row in _references(plan)]
    names = ("kind", "task_id", "name", "uri", "alias")
    query = sa.select(*(asset_reference.c[name] for name in names)).where(
        asset_reference.c.dag_id == plan.dag_id
    )
    known = conn.execute(query.order_by(asset_reference.c.number)).all()
    if [tuple(row) for row in known] == [tuple(row[name] for name in names) for row in rows]:
        return
    conn.execute(sa.delete(asset_reference).where(asset_reference.c.dag_id == plan.dag_id))
    place = {"dag_id": plan.dag_id, "created_at": now}
    numbered = [{**row, **place, "number": number} for number, row in enumerate(rows)]
    _ADD_REFERENCES.run(conn, numbered)
    for name, group in sorted({(row["alias"], row["group"]) for row in rows if row["alias"]}):
        same = asset_alias.c.name == name
        if conn.execute(sa.select(asset_alias.c.id).where(same)).first() is None:
            conn.execute(sa.insert(asset_alias).values(name=name, group=group))


def _record_assets(conn: sa.Connection, plan: Plan, now: datetime) -> None:
    for spec in plan.assets:
        facts = {"group": spec.group, "extra": spec.extra}
        same = (asset.c.name == spec.name) & (asset.c.uri == spec.uri)
        known = conn.execute(sa.select(asset.c.group, asset.c.extra).where(same)).one_or_none()
        if known is None:
            row = {"name": spec.name, "uri": spec.uri, "created_at": now, "updated_at": now}
            conn.execute(sa.insert(asset).values(**row, **facts))
        elif tuple(known) != (spec.group, spec.extra):
            conn.execute(sa.update(asset).where(same).values(**facts, updated_at=now))


def _references(plan: Plan) -> Iterator[dict[str, Any]]:
    for leaf in _leaves(plan.schedule.args.get("assets", {"all": ()})):
        yield _reference(SCHEDULE, None, leaf)
    for task in plan.tasks:
        for kind, things in ((INLET, task.inlets), (OUTLET, task.outlets)):
            for leaf in things:
                yield _reference(kind, task.task_id, leaf)


def _leaves(expression: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for kind, of in expression.items():
        if kind in ("all", "any"):
            for inner in of:
                yield from _leaves(inner)
        else:
            yield {kind: of}


def _reference(kind: str, task_id: str | None, leaf: dict[str, Any]) -> dict[str, Any]:
    ((what, of),) = leaf.items()
    is_alias = what == "alias"
    return {
        "kind": kind,
        "task_id": task_id,
        "name": None if is_alias else of.get("name"),
        "uri": None if is_alias else of.get("uri"),
        "alias": of["name"] if is_alias else None,
        "group": of.get("group"),
    }


# --- events and queues, for the scheduler -----------------------------------------------------


def _keep_what_is_there(table: sa.Table) -> Statement:
    def clause(insert: Insert) -> Any:
        columns = [column for column in table.c if column is not table.autoincrement_column]
        values = {column.name: sa.bindparam(column.name, type_=column.type) for column in columns}
        return insert(table).values(values).on_conflict_do_nothing()

    return Statement(clause)


_ADD_ASSETS = _keep_what_is_there(asset)
_ADD_MEMBERS = _keep_what_is_there(asset_alias_member)
_ADD_EVENTS = statements.insert(asset_event)
_ADD_QUEUED = statements.insert(asset_queue)
_OF_DAG = (asset_queue.c.dag_id == sa.bindparam("of_dag_id")) & (
    asset_queue.c.event_id <= sa.bindparam("upto", type_=sa.BigInteger)
)
_TAKE = Statement(
    sa.insert(asset_event_run).from_select(
        ["dag_id", "run_id", "event_id"],
        sa.select(
            asset_queue.c.dag_id,
            sa.cast(sa.bindparam("of_run_id"), sa.String(250)),
            asset_queue.c.event_id,
        ).where(_OF_DAG),
    )
)
_FORGET_TAKEN = Statement(sa.delete(asset_queue).where(_OF_DAG))
_OF_ASSET = (
    (asset_queue.c.dag_id == sa.bindparam("of_dag_id"))
    & (asset_queue.c.name == sa.bindparam("of_name"))
    & (asset_queue.c.uri == sa.bindparam("of_uri"))
)
_DROP = Statement(sa.delete(asset_queue).where(_OF_ASSET))
_DROP_OLDER = Statement(
    sa.delete(asset_queue).where(
        _OF_ASSET & (asset_queue.c.at < sa.bindparam("before", type_=asset_queue.c.at.type))
    )
)


def write(conn: sa.Connection, changes: Iterable[AssetChange]) -> None:
    """Write what has happened in its order: a run takes what was queued before it was made."""
    for kind, some in groupby(changes, key=type):
        _WRITE[kind](conn, list(some))


def _write_events(conn: sa.Connection, changes: Sequence[AssetUpdated]) -> None:
    _add_aliased(conn, changes)
    _ADD_EVENTS.run(conn, [_event_row(change) for change in changes])
    queued = []
    for change in changes:
        event, key = change.event, change.event.update.key
        row = {"event_id": event.event_id, "name": key.name, "uri": key.uri, "at": event.at}
        queued += [{**row, "dag_id": dag_id} for dag_id in change.queued_for]
    _ADD_QUEUED.run(conn, queued)


def _add_aliased(conn: sa.Connection, changes: Sequence[AssetUpdated]) -> None:
    """Assets that are written through an alias may be named by no DAG file."""
    assets, members = [], []
    for change in changes:
        update, at = change.event.update, change.event.at
        if update.aliases:
            row = {"name": update.name, "uri": update.uri, "group": update.group, "extra": {}}
            assets.append({**row, "created_at": at, "updated_at": at})
        for alias in update.aliases:
            members.append({"alias": alias, "name": update.name, "uri": update.uri})
    _ADD_ASSETS.run(conn, assets)
    _ADD_MEMBERS.run(conn, members)


def _event_row(change: AssetUpdated) -> dict[str, Any]:
    event, update, source = change.event, change.event.update, change.event.source
    return {
        "id": event.event_id,
        "name": update.name,
        "uri": update.uri,
        "at": event.at,
        "extra": update.extra,
        "aliases": list(update.aliases),
        "dag_id": source.dag_id if source else None,
        "run_id": source.run_id if source else None,
        "task_id": source.task_id if source else None,
        "map_index": source.map_index if source else -1,
    }


def _write_consumed(conn: sa.Connection, changes: Sequence[EventsConsumed]) -> None:
    """One run after the other: what one takes is gone for the next."""
    for change in changes:
        row = {"of_dag_id": change.run.dag_id, "of_run_id": change.run.run_id, "upto": change.upto}
        _TAKE.run(conn, [row])
        _FORGET_TAKEN.run(conn, [row])


def _write_dropped(conn: sa.Connection, changes: Sequence[QueuedEventsDropped]) -> None:
    for change in changes:
        row = {
            "of_dag_id": change.dag_id,
            "of_name": change.asset.name,
            "of_uri": change.asset.uri,
            "before": change.before,
        }
        (_DROP if change.before is None else _DROP_OLDER).run(conn, [row])


_WRITE: dict[type, Callable[[sa.Connection, Any], None]] = {
    AssetUpdated: _write_events,
    EventsConsumed: _write_consumed,
    QueuedEventsDropped: _write_dropped,
}


def load(conn: sa.Connection) -> AssetsSnapshot:
    """What a scheduler must know of assets when it starts."""
    last_at = sa.func.max(asset_queue.c.at, type_=asset_queue.c.at.type)
    of = (asset_queue.c.dag_id, asset_queue.c.name, asset_queue.c.uri)
    queued = conn.execute(sa.select(*of, last_at).group_by(*of).order_by(*of)).all()
    members = conn.execute(sa.select(asset_alias_member).order_by(*asset_alias_member.primary_key))
    numbers = (asset_event.c.id, asset_queue.c.event_id, asset_event_run.c.event_id)
    last = [conn.execute(sa.select(sa.func.max(column))).scalar() or 0 for column in numbers]
    return AssetsSnapshot(
        queued=tuple(
            QueuedUpdate(dag_id=dag_id, asset=AssetKey(name, uri), last_at=at)
            for dag_id, name, uri, at in queued
        ),
        aliases=tuple((row.alias, AssetKey(row.name, row.uri)) for row in members),
        last_event_id=max(last),
    )

"""Answers what user code asks about assets and their events."""

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from tradewind.model.requests import AssetEventsOf, AssetOf, ConsumedEvents
from tradewind.storage.secrets import Cipher
from tradewind.storage.tables import asset, asset_event, asset_event_run


def _asset_of(conn: sa.Connection, request: AssetOf, cipher: Cipher) -> Any:
    query = sa.select(asset.c.id, asset.c.name, asset.c.uri, asset.c.group, asset.c.extra)
    if request.name is not None:
        query = query.where(asset.c.name == request.name)
    if request.uri is not None:
        query = query.where(asset.c.uri == request.uri)
    row = conn.execute(query.order_by(asset.c.id).limit(1)).mappings().one_or_none()
    return None if row is None else dict(row)


def _events_of(conn: sa.Connection, request: AssetEventsOf, cipher: Cipher) -> Any:
    query = _events()
    if request.name is not None:
        query = query.where(asset_event.c.name == request.name)
    if request.uri is not None:
        query = query.where(asset_event.c.uri == request.uri)
    if request.alias is not None:
        written = json.dumps(request.alias)  # as the column has it: ASCII, in quotes
        query = query.where(asset_event.c.aliases.contains(written, autoescape=True))
    if request.after is not None:
        query = query.where(asset_event.c.at >= request.after)
    if request.before is not None:
        query = query.where(asset_event.c.at <= request.before)
    order = asset_event.c.id
    query = query.order_by(order.asc() if request.ascending else order.desc())
    return _answer(conn, query if request.limit is None else query.limit(request.limit))


def _consumed(conn: sa.Connection, request: ConsumedEvents, cipher: Cipher) -> Any:
    query = _events().join(asset_event_run, asset_event_run.c.event_id == asset_event.c.id)
    of_run = (asset_event_run.c.dag_id == request.dag_id) & (
        asset_event_run.c.run_id == request.run_id
    )
    return _answer(conn, query.where(of_run).order_by(asset_event.c.id))


def _events() -> sa.Select[Any]:
    same = (asset.c.name == asset_event.c.name) & (asset.c.uri == asset_event.c.uri)
    return sa.select(asset_event, asset.c.group, asset.c.extra.label("asset_extra")).select_from(
        asset_event.outerjoin(asset, same)
    )


def _answer(conn: sa.Connection, query: sa.Select[Any]) -> list[dict[str, Any]]:
    return [
        {
            "id": row.id,
            "timestamp": row.at.isoformat(),
            "extra": row.extra,
            "asset": {
                "name": row.name,
                "uri": row.uri,
                "group": row.group or "asset",
                "extra": row.asset_extra or {},
            },
            "source_dag_id": row.dag_id,
            "source_run_id": row.run_id,
            "source_task_id": row.task_id,
            "source_map_index": row.map_index,
            "source_aliases": row.aliases,
        }
        for row in conn.execute(query)
    ]


ANSWERS: dict[type, Callable[[sa.Connection, Any, Cipher], Any]] = {
    AssetOf: _asset_of,
    AssetEventsOf: _events_of,
    ConsumedEvents: _consumed,
}

"""Assets: list them, look at their events, make one, look at and forget what is queued."""

from collections.abc import Sequence
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Path, Query, status

from tradewind.model.assets import AssetKey, AssetUpdate
from tradewind.model.commands import CreateAssetEvent, DropQueuedEvents
from tradewind.model.errors import NotFound, Refused, UserError
from tradewind.model.states import RunType
from tradewind.server.api.dag_runs import get_dag_run
from tradewind.server.api.finding import the_dag, the_run
from tradewind.server.api.paging import page_size
from tradewind.server.api.schemas.assets import (
    AliasesQuery,
    AssetAliasCollectionResponse,
    AssetAliasResponse,
    AssetCollectionResponse,
    AssetEventCollectionResponse,
    AssetEventResponse,
    AssetResponse,
    AssetsQuery,
    CreateAssetEventsBody,
    EventsQuery,
    MaterializeAssetBody,
    QueuedEventCollectionResponse,
)
from tradewind.server.api.schemas.fields import INT_MAX, Moment
from tradewind.server.api.schemas.ranges import search_of
from tradewind.server.api.schemas.runs import DAGRunResponse
from tradewind.server.api.triggering import trigger_command
from tradewind.server.auth.access import Editor, needs
from tradewind.server.auth.roles import Permission
from tradewind.server.services import Here
from tradewind.storage.listings import assets as listing
from tradewind.storage.listings.assets import AssetFilters, AssetRow, EventFilters, EventRow

router = APIRouter(tags=["Asset"])

AssetId = Annotated[int, Path(ge=0, le=INT_MAX)]
READ = needs(Permission.READ_ASSETS)
EDIT = needs(Permission.EDIT_ASSETS)


@router.get("/assets", dependencies=[READ])
def get_assets(here: Here, query: Annotated[AssetsQuery, Query()]) -> AssetCollectionResponse:
    """Assets, and who reads, writes and waits for them."""
    with here.database.read() as conn:
        rows, total = listing.list_assets(
            conn,
            AssetFilters(
                search=search_of(query, texts=("name", "uri")),
                dag_ids=query.dag_ids,
                only_active=query.only_active,
            ),
            limit=page_size(here.settings, query.limit),
            offset=query.offset,
            order_by=query.order_by,
        )
        named = listing.references(conn, [row.id for row in rows])
    return AssetCollectionResponse(
        assets=[AssetResponse.of(row, named[row.id]) for row in rows], total_entries=total
    )


@router.get("/assets/aliases", dependencies=[READ])
def get_asset_aliases(
    here: Here, query: Annotated[AliasesQuery, Query()]
) -> AssetAliasCollectionResponse:
    """Aliases of assets."""
    with here.database.read() as conn:
        rows, total = listing.list_aliases(
            conn,
            search_of(query, texts=("name",)),
            limit=page_size(here.settings, query.limit),
            offset=query.offset,
            order_by=query.order_by,
        )
    return AssetAliasCollectionResponse(
        asset_aliases=[AssetAliasResponse.of(row) for row in rows], total_entries=total
    )


@router.get("/assets/aliases/{asset_alias_id}", dependencies=[READ])
def get_asset_alias(here: Here, asset_alias_id: AssetId) -> AssetAliasResponse:
    """One alias."""
    with here.database.read() as conn:
        row = listing.find_alias(conn, asset_alias_id)
    if row is None:
        raise NotFound(f"there is no asset alias {asset_alias_id}")
    return AssetAliasResponse.of(row)


@router.get("/assets/events", dependencies=[READ])
def get_asset_events(
    here: Here, query: Annotated[EventsQuery, Query()]
) -> AssetEventCollectionResponse:
    """Events of assets, and the runs that took them."""
    names = ("asset_id", "source_dag_id", "source_task_id", "source_run_id", "source_map_index")
    filters = EventFilters(
        search=search_of(query, ranges=("timestamp",), texts=("name",)),
        **{name: getattr(query, name) for name in names},
    )
    with here.database.read() as conn:
        rows, total = listing.list_events(
            conn,
            filters,
            limit=page_size(here.settings, query.limit),
            offset=query.offset,
            order_by=query.order_by,
        )
        return _events(conn, rows, total)


@router.post("/assets/events", dependencies=[EDIT])
def create_asset_event(here: Here, body: CreateAssetEventsBody) -> AssetEventResponse:
    """Say that an asset was written: DAGs that wait for it hear of it."""
    if body.partition_key is not None:
        raise UserError("partitions of assets are not available in this version: leave it out")
    with here.database.read() as conn:
        row = _the_asset(conn, body.asset_id)
    extra = {**body.extra, "from_rest_api": True}
    update = AssetUpdate(name=row.name, uri=row.uri, group=row.group, extra=extra)
    made = here.commands.give(CreateAssetEvent(update=update))
    with here.database.read() as conn:
        rows, _ = listing.list_events(conn, EventFilters(event_id=made["event_id"]))
        return _events(conn, rows, 1).asset_events[0]


@router.get("/assets/{asset_id}", dependencies=[READ])
def get_asset(here: Here, asset_id: AssetId) -> AssetResponse:
    """One asset."""
    with here.database.read() as conn:
        row = _the_asset(conn, asset_id)
        return AssetResponse.of(row, listing.references(conn, [asset_id])[asset_id])


@router.post("/assets/{asset_id}/materialize")
def materialize_asset(
    here: Here,
    user: Editor,
    asset_id: AssetId,
    body: MaterializeAssetBody = MaterializeAssetBody(),  # noqa: B008 - FastAPI copies it
) -> DAGRunResponse:
    """Make a run of the one DAG that writes an asset."""
    with here.database.read() as conn:
        row = _the_asset(conn, asset_id)
        writing = listing.producers(conn, asset_id)
    if not writing:
        raise NotFound(f"no task writes asset {row.name!r}")
    if len(writing) > 1:
        raise Refused(f"several DAGs write asset {row.name!r}: trigger one of {', '.join(writing)}")
    run_type = RunType.ASSET_MATERIALIZATION
    command = trigger_command(here, user, writing[0], body, run_type)
    here.commands.give(command)
    return get_dag_run(here, writing[0], command.run_id)


@router.get("/assets/{asset_id}/queuedEvents", dependencies=[READ])
def get_asset_queued_events(
    here: Here, asset_id: AssetId, before: Moment | None = None
) -> QueuedEventCollectionResponse:
    """The DAGs for which events of an asset are queued."""
    with here.database.read() as conn:
        _the_asset(conn, asset_id)
        return QueuedEventCollectionResponse.of(
            listing.queued(conn, asset_id=asset_id, before=before)
        )


@router.delete(
    "/assets/{asset_id}/queuedEvents", dependencies=[EDIT], status_code=status.HTTP_204_NO_CONTENT
)
def delete_asset_queued_events(here: Here, asset_id: AssetId, before: Moment | None = None) -> None:
    """Forget them."""
    with here.database.read() as conn:
        key = _key(_the_asset(conn, asset_id))
    here.commands.give(DropQueuedEvents(asset=key, before=before))


@router.get("/dags/{dag_id}/assets/queuedEvents", dependencies=[READ])
def get_dag_asset_queued_events(
    here: Here, dag_id: str, before: Moment | None = None
) -> QueuedEventCollectionResponse:
    """The assets of which events are queued for a DAG."""
    with here.database.read() as conn:
        the_dag(conn, dag_id)
        return QueuedEventCollectionResponse.of(listing.queued(conn, dag_id=dag_id, before=before))


@router.delete(
    "/dags/{dag_id}/assets/queuedEvents",
    dependencies=[EDIT],
    status_code=status.HTTP_204_NO_CONTENT,
)
def delete_dag_asset_queued_events(here: Here, dag_id: str, before: Moment | None = None) -> None:
    """Forget them."""
    with here.database.read() as conn:
        the_dag(conn, dag_id)
    here.commands.give(DropQueuedEvents(dag_id=dag_id, before=before))


@router.get("/dags/{dag_id}/assets/{asset_id}/queuedEvents", dependencies=[READ])
def get_dag_asset_queued_event(
    here: Here, dag_id: str, asset_id: AssetId, before: Moment | None = None
) -> QueuedEventCollectionResponse:
    """Whether events of an asset are queued for a DAG."""
    with here.database.read() as conn:
        the_dag(conn, dag_id)
        _the_asset(conn, asset_id)
        rows = listing.queued(conn, dag_id=dag_id, asset_id=asset_id, before=before)
    return QueuedEventCollectionResponse.of(rows)


@router.delete(
    "/dags/{dag_id}/assets/{asset_id}/queuedEvents",
    dependencies=[EDIT],
    status_code=status.HTTP_204_NO_CONTENT,
)
def delete_dag_asset_queued_event(
    here: Here, dag_id: str, asset_id: AssetId, before: Moment | None = None
) -> None:
    """Forget them."""
    with here.database.read() as conn:
        the_dag(conn, dag_id)
        key = _key(_the_asset(conn, asset_id))
    here.commands.give(DropQueuedEvents(dag_id=dag_id, asset=key, before=before))


@router.get("/dags/{dag_id}/dagRuns/{dag_run_id}/upstreamAssetEvents", dependencies=[READ])
def get_upstream_asset_events(
    here: Here, dag_id: str, dag_run_id: str
) -> AssetEventCollectionResponse:
    """The events that a run took."""
    with here.database.read() as conn:
        the_run(conn, dag_id, dag_run_id)
        rows, total = listing.list_events(conn, EventFilters(taken_by=(dag_id, dag_run_id)))
        return _events(conn, rows, total)


def _events(
    conn: sa.Connection, rows: Sequence[EventRow], total: int
) -> AssetEventCollectionResponse:
    taken = listing.taken_by(conn, [row.id for row in rows]) if rows else {}
    return AssetEventCollectionResponse(
        asset_events=[AssetEventResponse.of(row, taken.get(row.id, ())) for row in rows],
        total_entries=total,
    )


def _the_asset(conn: sa.Connection, asset_id: int) -> AssetRow:
    row = listing.find_asset(conn, asset_id)
    if row is None:
        raise NotFound(f"there is no asset {asset_id}")
    return row


def _key(row: AssetRow) -> AssetKey:
    return AssetKey(row.name, row.uri)

"""DAGs: list, look at, pause."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query

from tradewind.forecast.upcoming import upcoming
from tradewind.server.api.finding import the_dag, the_plan
from tradewind.server.api.masks import UpdateMask, chosen
from tradewind.server.api.paging import page_size
from tradewind.server.api.schemas.dags import (
    DAGCollectionResponse,
    DAGDetailsResponse,
    DAGPatchBody,
    DAGResponse,
    DagsQuery,
    UpcomingRunsResponse,
)
from tradewind.server.api.schemas.ranges import range_of, search_of
from tradewind.server.auth.access import needs
from tradewind.server.auth.roles import Permission
from tradewind.server.services import Here, Services
from tradewind.storage import bells
from tradewind.storage import dags as stored_dags
from tradewind.storage.fleet import find_runs
from tradewind.storage.listings.dags import DagFilters, DagRow, list_dags, tags_of
from tradewind.storage.listings.runs import count_unfinished

router = APIRouter(prefix="/dags", tags=["DAG"])


@router.get("", dependencies=[needs(Permission.READ_DAGS)])
def get_dags(here: Here, query: Annotated[DagsQuery, Query()]) -> DAGCollectionResponse:
    """DAGs, those that are gone from their file left out unless asked for."""
    if query.matches_nothing:
        return DAGCollectionResponse(dags=[], total_entries=0)
    with here.database.read() as conn:
        rows, total = list_dags(
            conn,
            _filters(query),
            limit=page_size(here.settings, query.limit),
            offset=query.offset,
            order_by=query.order_by,
        )
        return DAGCollectionResponse(dags=_answers(here, conn, rows), total_entries=total)


@router.patch("", dependencies=[needs(Permission.EDIT_DAGS)])
def patch_dags(
    here: Here,
    body: DAGPatchBody,
    query: Annotated[DagsQuery, Query()],
    update_mask: UpdateMask = [],  # noqa: B006 - FastAPI copies it
) -> DAGCollectionResponse:
    """Pause or unpause every DAG of a page."""
    chosen(body, update_mask, ["is_paused"])
    if query.matches_nothing:
        return DAGCollectionResponse(dags=[], total_entries=0)
    limit = page_size(here.settings, query.limit)
    with here.database.write() as conn:
        rows, total = list_dags(
            conn, _filters(query), limit=limit, offset=query.offset, order_by=query.order_by
        )
        for row in rows:
            stored_dags.set_paused(conn, row.dag_id, body.is_paused)
    bells.ring(here.database, "scheduler")
    with here.database.read() as conn:
        written = [the_dag(conn, row.dag_id) for row in rows]
        return DAGCollectionResponse(dags=_answers(here, conn, written), total_entries=total)


@router.get("/{dag_id}", dependencies=[needs(Permission.READ_DAGS)])
def get_dag(here: Here, dag_id: str) -> DAGResponse:
    """One DAG."""
    with here.database.read() as conn:
        return _answers(here, conn, [the_dag(conn, dag_id)])[0]


@router.patch("/{dag_id}", dependencies=[needs(Permission.EDIT_DAGS)])
def patch_dag(
    here: Here,
    dag_id: str,
    body: DAGPatchBody,
    update_mask: UpdateMask = [],  # noqa: B006 - FastAPI copies it
) -> DAGResponse:
    """Pause or unpause one DAG."""
    chosen(body, update_mask, ["is_paused"])
    with here.database.write() as conn:
        stored_dags.set_paused(conn, dag_id, body.is_paused)
    bells.ring(here.database, "scheduler")
    return get_dag(here, dag_id)


@router.get("/{dag_id}/details", dependencies=[needs(Permission.READ_DAGS)])
def get_dag_details(here: Here, dag_id: str) -> DAGDetailsResponse:
    """One DAG with what its Plan says."""
    with here.database.read() as conn:
        row, plan = the_plan(conn, dag_id)
        facts = here.plan_facts.get(conn, dag_id, row.version)
        tags = tags_of(conn, [dag_id]).get(dag_id, [])
        active = count_unfinished(conn, dag_id)
    return DAGDetailsResponse.detailed(row, facts, tags, plan, active)


@router.get("/{dag_id}/upcomingRuns", dependencies=[needs(Permission.READ_DAGS)])
def get_upcoming_runs(
    here: Here, dag_id: str, limit: Annotated[int, Query(ge=0, le=1000)] = 10
) -> UpcomingRunsResponse:
    """The runs that the schedule makes next if the DAG is not paused: first those that are due
    already (unpausing it starts them), then those to come. Of each the first `limit`."""
    with here.database.read() as conn:
        the_dag(conn, dag_id)
        (dag,) = stored_dags.snapshots(conn, [dag_id])
        found = upcoming(dag, here.clock.now(), limit, lambda query: find_runs(conn, query))
    return UpcomingRunsResponse.of(dag.is_paused, found, limit)


def _filters(query: DagsQuery) -> DagFilters:
    return DagFilters(
        tags=query.tags,
        all_tags=query.tags_match_mode == "all",
        owners=query.owners,
        paused=query.paused,
        exclude_stale=query.exclude_stale,
        has_import_errors=query.has_import_errors,
        bundle_name=query.bundle_name,
        run_states=query.dag_run_state,
        run_started=range_of(query, "dag_run_start_date"),
        run_ended=range_of(query, "dag_run_end_date"),
        last_run_state=query.last_dag_run_state,
        search=search_of(query, texts=("dag_id", "dag_display_name")),
    )


def _answers(here: Services, conn: sa.Connection, rows: list[DagRow]) -> list[DAGResponse]:
    tags = tags_of(conn, [row.dag_id for row in rows])
    return [
        DAGResponse.of(
            row,
            here.plan_facts.get(conn, row.dag_id, row.version),
            tags.get(row.dag_id, []),
        )
        for row in rows
    ]

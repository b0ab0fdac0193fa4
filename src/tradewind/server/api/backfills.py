"""Backfills: create, list, look at, pause, go on, cancel."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query

from tradewind.model.commands import CreateBackfill, PatchBackfill
from tradewind.server.api.finding import the_backfill, the_plan
from tradewind.server.api.paging import page_size
from tradewind.server.api.schemas.backfills import (
    BackfillCollectionResponse,
    BackfillPostBody,
    BackfillResponse,
    BackfillsQuery,
    DryRunBackfillCollectionResponse,
    DryRunBackfillResponse,
)
from tradewind.server.api.schemas.fields import INT_MAX
from tradewind.server.auth.access import BackfillEditor, User, needs
from tradewind.server.auth.roles import Permission
from tradewind.server.run_requests import check_conf
from tradewind.server.services import Here, Services
from tradewind.storage.listings.backfills import BackfillFilters, list_backfills

router = APIRouter(prefix="/backfills", tags=["Backfill"])

BackfillId = Annotated[int, Path(ge=0, le=INT_MAX)]


@router.get("", dependencies=[needs(Permission.READ_BACKFILLS)])
def list_all_backfills(
    here: Here, query: Annotated[BackfillsQuery, Query()]
) -> BackfillCollectionResponse:
    """Backfills of one DAG."""
    with here.database.read() as conn:
        rows, total = list_backfills(
            conn,
            BackfillFilters(dag_id=query.dag_id),
            limit=page_size(here.settings, query.limit),
            offset=query.offset,
            order_by=query.order_by,
        )
    return BackfillCollectionResponse(
        backfills=[BackfillResponse.of(row) for row in rows], total_entries=total
    )


@router.post("")
def create_backfill(here: Here, user: BackfillEditor, body: BackfillPostBody) -> BackfillResponse:
    """Make and run every scheduled run between two dates, both included."""
    result = here.commands.give(_command(here, user, body, dry_run=False))
    return _answer(here, result["backfill_id"])


@router.post("/dry_run")
def create_backfill_dry_run(
    here: Here, user: BackfillEditor, body: BackfillPostBody
) -> DryRunBackfillCollectionResponse:
    """The runs that a backfill would make."""
    result = here.commands.give(_command(here, user, body, dry_run=True))
    runs = [
        DryRunBackfillResponse(
            logical_date=None if logical_date is None else datetime.fromisoformat(logical_date)
        )
        for logical_date, _ in result["runs"]
    ]
    return DryRunBackfillCollectionResponse(backfills=runs, total_entries=len(runs))


@router.get("/{backfill_id}", dependencies=[needs(Permission.READ_BACKFILLS)])
def get_backfill(here: Here, backfill_id: BackfillId) -> BackfillResponse:
    """One backfill."""
    return _answer(here, backfill_id)


@router.put("/{backfill_id}/pause", dependencies=[needs(Permission.EDIT_BACKFILLS)])
def pause_backfill(here: Here, backfill_id: BackfillId) -> BackfillResponse:
    """Start no further runs of it."""
    return _patch(here, PatchBackfill(backfill_id=backfill_id, is_paused=True))


@router.put("/{backfill_id}/unpause", dependencies=[needs(Permission.EDIT_BACKFILLS)])
def unpause_backfill(here: Here, backfill_id: BackfillId) -> BackfillResponse:
    """Go on."""
    return _patch(here, PatchBackfill(backfill_id=backfill_id, is_paused=False))


@router.put("/{backfill_id}/cancel", dependencies=[needs(Permission.EDIT_BACKFILLS)])
def cancel_backfill(here: Here, backfill_id: BackfillId) -> BackfillResponse:
    """End it: queued runs fail, running ones finish."""
    return _patch(here, PatchBackfill(backfill_id=backfill_id, cancel=True))


def _command(
    here: Services, user: User, body: BackfillPostBody, *, dry_run: bool
) -> CreateBackfill:
    conf = dict(body.dag_run_conf or {})
    with here.database.read() as conn:
        _, plan = the_plan(conn, body.dag_id)
    if here.settings.core.dag_run_conf_overrides_params:
        check_conf(plan, conf)
    return CreateBackfill(
        dag_id=body.dag_id,
        from_date=body.from_date,
        to_date=body.to_date,
        max_active_runs=body.max_active_runs,
        reprocess_behavior=body.reprocess_behavior.value,
        run_backwards=body.run_backwards,
        conf=conf,
        dry_run=dry_run,
        triggering_user_name=user.username,
    )


def _patch(here: Services, command: PatchBackfill) -> BackfillResponse:
    with here.database.read() as conn:
        the_backfill(conn, command.backfill_id)
    here.commands.give(command)
    return _answer(here, command.backfill_id)


def _answer(here: Services, backfill_id: int) -> BackfillResponse:
    with here.database.read() as conn:
        return BackfillResponse.of(the_backfill(conn, backfill_id))

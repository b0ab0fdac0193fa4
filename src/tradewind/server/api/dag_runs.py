"""Runs: trigger, list, look at, mark, clear."""

from typing import Annotated

from fastapi import APIRouter, Query

from tradewind.model.commands import ClearTasks, PatchRun
from tradewind.server.api.clearing import ClearedTasksResponse, cleared_answer, on_latest_version
from tradewind.server.api.finding import check_lists, the_run
from tradewind.server.api.masks import UpdateMask, chosen
from tradewind.server.api.paging import Place, one_or_every, page_size
from tradewind.server.api.schemas.runs import (
    DAGRunClearBody,
    DAGRunCollectionResponse,
    DAGRunPatchBody,
    DAGRunResponse,
    DAGRunsBatchBody,
    RunsQuery,
    TriggerDAGRunPostBody,
)
from tradewind.server.api.triggering import trigger_command
from tradewind.server.auth.access import Editor, needs
from tradewind.server.auth.roles import Permission
from tradewind.server.services import Here, Services
from tradewind.storage.listings.runs import list_runs

router = APIRouter(prefix="/dags/{dag_id}", tags=["DagRun"])


@router.get("/dagRuns", dependencies=[needs(Permission.READ_DAGS)])
def get_dag_runs(
    here: Here, dag_id: str, query: Annotated[RunsQuery, Query()]
) -> DAGRunCollectionResponse:
    """Runs of one DAG, or of all with `~`."""
    with here.database.read() as conn:
        check_lists(conn, one_or_every(dag_id), None)
        if query.bundle_version is not None:
            return DAGRunCollectionResponse(dag_runs=[], total_entries=0)
        place = Place.of(query.cursor, query.offset, page_size(here.settings, query.limit))
        rows, total = list_runs(
            conn,
            query.filters(one_or_every(dag_id)),
            limit=place.limit,
            offset=place.offset,
            order_by=query.order_by,
        )
    return DAGRunCollectionResponse(
        dag_runs=[DAGRunResponse.of(row) for row in rows],
        total_entries=total,
        next_cursor=place.next_cursor(total),
        previous_cursor=place.previous_cursor,
    )


@router.post("/dagRuns/list", dependencies=[needs(Permission.READ_DAGS)])
def get_list_dag_runs_batch(
    here: Here, dag_id: str, body: DAGRunsBatchBody
) -> DAGRunCollectionResponse:
    """Runs by a body of filters; `dag_id` is `~`, the DAGs are named in the body."""
    filters = body.filters()
    with here.database.read() as conn:
        rows, total = list_runs(
            conn,
            filters,
            limit=page_size(here.settings, body.page_limit),
            offset=body.page_offset,
            order_by=[body.order_by] if body.order_by else [],
        )
    return DAGRunCollectionResponse(
        dag_runs=[DAGRunResponse.of(row) for row in rows], total_entries=total
    )


@router.post("/dagRuns")
def trigger_dag_run(
    here: Here, user: Editor, dag_id: str, body: TriggerDAGRunPostBody
) -> DAGRunResponse:
    """Make one run now."""
    command = trigger_command(here, user, dag_id, body)
    result = here.commands.give(command)
    return _answer(here, dag_id, result.get("run_id", command.run_id))


@router.get("/dagRuns/{dag_run_id}", dependencies=[needs(Permission.READ_DAGS)])
def get_dag_run(here: Here, dag_id: str, dag_run_id: str) -> DAGRunResponse:
    """One run."""
    return _answer(here, dag_id, dag_run_id)


@router.patch("/dagRuns/{dag_run_id}", dependencies=[needs(Permission.EDIT_DAGS)])
def patch_dag_run(
    here: Here,
    dag_id: str,
    dag_run_id: str,
    body: DAGRunPatchBody,
    update_mask: UpdateMask = [],  # noqa: B006 - FastAPI copies it
) -> DAGRunResponse:
    """Mark a run, or note something on it."""
    fields = chosen(body, update_mask, ["state", "note"])
    with here.database.read() as conn:
        the_run(conn, dag_id, dag_run_id)
    here.commands.give(
        PatchRun(
            dag_id=dag_id,
            run_id=dag_run_id,
            state=body.state if "state" in fields else None,
            note=body.note if "note" in fields else None,
            set_note="note" in fields,
        )
    )
    return _answer(here, dag_id, dag_run_id)


@router.post("/dagRuns/{dag_run_id}/clear", dependencies=[needs(Permission.EDIT_DAGS)])
def clear_dag_run(
    here: Here, dag_id: str, dag_run_id: str, body: DAGRunClearBody
) -> ClearedTasksResponse | DAGRunResponse:
    """Run a run's tasks again; with `dry_run`, which is the default, only say which."""
    with here.database.read() as conn:
        the_run(conn, dag_id, dag_run_id)
    result = here.commands.give(
        ClearTasks(
            dag_id=dag_id,
            run_ids=(dag_run_id,),
            only_failed=body.only_failed,
            only_new=body.only_new,
            run_on_latest_version=on_latest_version(here, dag_id, body.run_on_latest_version),
            dry_run=body.dry_run,
            note=body.note,
        )
    )
    if body.dry_run:
        return cleared_answer(here, dag_id, result)
    return _answer(here, dag_id, dag_run_id)


def _answer(here: Services, dag_id: str, run_id: str) -> DAGRunResponse:
    with here.database.read() as conn:
        return DAGRunResponse.of(the_run(conn, dag_id, run_id))

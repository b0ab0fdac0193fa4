"""Mark task instances, or note something on them; each way in a form that only says what it would."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query

from tradewind.model.commands import MarkTask
from tradewind.model.errors import NotFound, UserError
from tradewind.model.keys import TaskKey
from tradewind.server.api import showing
from tradewind.server.api.clearing import cleared_rows
from tradewind.server.api.finding import the_dag, the_run, the_task
from tradewind.server.api.masks import UpdateMask, chosen
from tradewind.server.api.schemas.fields import INT_MAX
from tradewind.server.api.schemas.task_instances import (
    PatchTaskInstanceBody,
    TaskInstanceCollectionResponse,
)
from tradewind.server.api.task_instances import MapIndex
from tradewind.server.auth.access import needs
from tradewind.server.auth.roles import Permission
from tradewind.server.commands import CommandRefused
from tradewind.server.services import Here, Services
from tradewind.storage.listings.tasks import TaskFilters, list_tasks

router = APIRouter(
    prefix="/dags/{dag_id}/dagRuns/{dag_run_id}",
    tags=["Task Instance"],
    dependencies=[needs(Permission.EDIT_DAGS)],
)

_TASK = "/taskInstances/{task_id}"
_GROUP = "/taskGroupInstances/{group_id}"
_NO_MASK: UpdateMask = []

OneOrEvery = Annotated[int | None, Query(ge=-1, le=INT_MAX)]


@router.patch(f"{_TASK}/dry_run")
def patch_task_instance_dry_run(
    here: Here,
    dag_id: str,
    dag_run_id: str,
    task_id: str,
    body: PatchTaskInstanceBody,
    map_index: OneOrEvery = None,
    update_mask: UpdateMask = [],  # noqa: B006 - FastAPI copies it
) -> TaskInstanceCollectionResponse:
    """Which task instances marking one, or all of a mapped task, would set."""
    wanted = _of_task(here, dag_id, dag_run_id, task_id, map_index)
    return _mark(here, wanted, body, update_mask, dry_run=True)


@router.patch(f"{_TASK}/{{map_index}}/dry_run")
def patch_mapped_task_instance_dry_run(
    here: Here,
    dag_id: str,
    dag_run_id: str,
    task_id: str,
    map_index: MapIndex,
    body: PatchTaskInstanceBody,
    update_mask: UpdateMask = [],  # noqa: B006 - FastAPI copies it
) -> TaskInstanceCollectionResponse:
    """Which task instances marking one of a mapped task would set."""
    wanted = _of_task(here, dag_id, dag_run_id, task_id, map_index)
    return _mark(here, wanted, body, update_mask, dry_run=True)


@router.patch(_TASK)
def patch_task_instance(
    here: Here,
    dag_id: str,
    dag_run_id: str,
    task_id: str,
    body: PatchTaskInstanceBody,
    map_index: OneOrEvery = None,
    update_mask: UpdateMask = [],  # noqa: B006 - FastAPI copies it
) -> TaskInstanceCollectionResponse:
    """Mark a task instance, or all of a mapped task; or note something on it."""
    wanted = _of_task(here, dag_id, dag_run_id, task_id, map_index)
    return _mark(here, wanted, body, update_mask)


@router.patch(f"{_TASK}/{{map_index}}")
def patch_mapped_task_instance(
    here: Here,
    dag_id: str,
    dag_run_id: str,
    task_id: str,
    map_index: MapIndex,
    body: PatchTaskInstanceBody,
    update_mask: UpdateMask = [],  # noqa: B006 - FastAPI copies it
) -> TaskInstanceCollectionResponse:
    """Mark one task instance of a mapped task, or note something on it."""
    wanted = _of_task(here, dag_id, dag_run_id, task_id, map_index)
    return _mark(here, wanted, body, update_mask)


@router.patch(f"{_GROUP}/dry_run")
def patch_task_group_instances_dry_run(
    here: Here, dag_id: str, dag_run_id: str, group_id: str, body: PatchTaskInstanceBody
) -> TaskInstanceCollectionResponse:
    """Which task instances marking a group would set."""
    wanted = _of_group(here, dag_id, dag_run_id, group_id)
    return _mark(here, wanted, body, _NO_MASK, dry_run=True)


@router.patch(_GROUP)
def patch_task_group_instances(
    here: Here,
    dag_id: str,
    dag_run_id: str,
    group_id: str,
    body: PatchTaskInstanceBody,
    update_mask: UpdateMask = [],  # noqa: B006 - FastAPI copies it
) -> TaskInstanceCollectionResponse:
    """Mark every task instance of a group, or note something on each."""
    return _mark(here, _of_group(here, dag_id, dag_run_id, group_id), body, update_mask)


def _of_task(
    here: Services, dag_id: str, run_id: str, task_id: str, map_index: int | None
) -> MarkTask:
    with here.database.read() as conn:
        the_run(conn, dag_id, run_id)
        if map_index is not None:
            the_task(conn, TaskKey(dag_id, run_id, task_id, map_index))
    return MarkTask(dag_id=dag_id, run_id=run_id, task_id=task_id, map_index=map_index)


def _of_group(here: Services, dag_id: str, run_id: str, group_id: str) -> MarkTask:
    with here.database.read() as conn:
        version = the_run(conn, dag_id, run_id).version
        members = here.plan_facts.get(conn, the_dag(conn, dag_id).dag_id, version).members
    if not members.get(group_id):
        raise NotFound(f"DAG {dag_id!r} has no task group {group_id!r} with a task in it")
    first, *others = members[group_id]
    return MarkTask(
        dag_id=dag_id, run_id=run_id, task_id=first, map_index=None, task_ids=tuple(others)
    )


def _mark(
    here: Services,
    wanted: MarkTask,
    body: PatchTaskInstanceBody,
    update_mask: UpdateMask,
    *,
    dry_run: bool = False,
) -> TaskInstanceCollectionResponse:
    """Carry it out: the task instances that get the state; of a note, those it stands on."""
    fields = chosen(body, update_mask, ["new_state", "note"])
    if not fields:
        raise UserError("give new_state or note")
    state = body.new_state if "new_state" in fields else None
    command = replace(
        wanted,
        state=state,
        include_upstream=body.include_upstream,
        include_downstream=body.include_downstream,
        include_past=body.include_past,
        include_future=body.include_future,
        dry_run=dry_run,
        note=body.note if "note" in fields else None,
        set_note="note" in fields,
    )
    result = here.commands.give(command)
    if state is None:
        return _noted(here, wanted)
    if not result["task_instances"] and not dry_run and "note" not in fields:
        raise CommandRefused(f"task {wanted.task_id} is already in state {state}", 409)
    rows = cleared_rows(here, wanted.dag_id, result)
    if not rows and "note" in fields:
        return _noted(here, wanted)
    with here.database.read() as conn:
        shown = showing.task_instances(here, conn, rows)
    return TaskInstanceCollectionResponse(task_instances=shown, total_entries=len(shown))


def _noted(here: Services, wanted: MarkTask) -> TaskInstanceCollectionResponse:
    filters = TaskFilters(
        dag_ids=(wanted.dag_id,),
        run_ids=(wanted.run_id,),
        task_ids=(wanted.task_id, *wanted.task_ids),
        map_indexes=() if wanted.map_index is None else (wanted.map_index,),
    )
    with here.database.read() as conn:
        rows, total = list_tasks(conn, filters)
        shown = showing.task_instances(here, conn, rows)
    return TaskInstanceCollectionResponse(task_instances=shown, total_entries=total)

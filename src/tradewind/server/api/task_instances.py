"""Task instances: list, look at, their tries, clear."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Path, Query

from tradewind.model.commands import ClearTasks
from tradewind.model.errors import NotFound
from tradewind.model.keys import TaskKey
from tradewind.server.api import showing
from tradewind.server.api.clearing import ClearedTasksResponse, cleared_answer, on_latest_version
from tradewind.server.api.finding import check_lists, the_dag, the_run, the_task
from tradewind.server.api.paging import Place, one_or_every, page_size
from tradewind.server.api.schemas.fields import INT_MAX
from tradewind.server.api.schemas.task_instances import (
    ClearTaskInstancesBody,
    ExtraLinkCollectionResponse,
    MappedTaskInstancesQuery,
    TaskInstanceCollectionResponse,
    TaskInstanceHistoryCollectionResponse,
    TaskInstanceHistoryResponse,
    TaskInstanceResponse,
    TaskInstancesBatchBody,
    TaskInstancesQuery,
)
from tradewind.server.auth.access import needs
from tradewind.server.auth.roles import Permission
from tradewind.server.services import Here, Services
from tradewind.storage.listings.plans import find_plan
from tradewind.storage.listings.tasks import TaskFilters, list_tasks, list_tries
from tradewind.storage.listings.xcoms import find_xcom

router = APIRouter(prefix="/dags/{dag_id}", tags=["Task Instance"])

_RUN = "/dagRuns/{dag_run_id}/taskInstances"
_TASK = f"{_RUN}/{{task_id}}"
_READ = [needs(Permission.READ_DAGS)]

MapIndex = Annotated[int, Path(ge=-1, le=INT_MAX)]
AskedMapIndex = Annotated[int, Query(ge=-1, le=INT_MAX)]
TryNumber = Annotated[int, Path(ge=0, le=INT_MAX)]


@router.get(_RUN, dependencies=_READ)
def get_task_instances(
    here: Here, dag_id: str, dag_run_id: str, query: Annotated[TaskInstancesQuery, Query()]
) -> TaskInstanceCollectionResponse:
    """Task instances of one run, or of all with `~` in place of the run's or the DAG's id."""
    one_dag, one_run = one_or_every(dag_id), one_or_every(dag_run_id)
    with here.database.read() as conn:
        check_lists(conn, one_dag, one_run)
        members: tuple[str, ...] = ()
        if query.task_group_id is not None:
            members = _members(here, conn, dag_id, query.task_group_id)
            if not members:
                return TaskInstanceCollectionResponse(task_instances=[], total_entries=0)
        return _page(
            here,
            conn,
            query.wanted(one_dag, one_run, members),
            Place.of(query.cursor, query.offset, page_size(here.settings, query.limit)),
            query.order_by,
        )


@router.post(f"{_RUN}/list", dependencies=_READ)
def get_task_instances_batch(
    here: Here, dag_id: str, dag_run_id: str, body: TaskInstancesBatchBody
) -> TaskInstanceCollectionResponse:
    """Task instances by a body of filters; both ids of the path are `~`."""
    with here.database.read() as conn:
        return _page(
            here,
            conn,
            body.filters(),
            Place(body.page_offset, page_size(here.settings, body.page_limit)),
            [body.order_by] if body.order_by else [],
        )


@router.get(_TASK, dependencies=_READ)
def get_task_instance(
    here: Here, dag_id: str, dag_run_id: str, task_id: str
) -> TaskInstanceResponse:
    """One task instance that is not mapped."""
    return _answer(here, TaskKey(dag_id, dag_run_id, task_id))


@router.get(f"{_TASK}/listMapped", dependencies=_READ)
def get_mapped_task_instances(
    here: Here,
    dag_id: str,
    dag_run_id: str,
    task_id: str,
    query: Annotated[MappedTaskInstancesQuery, Query()],
) -> TaskInstanceCollectionResponse:
    """The mapped instances of one task."""
    with here.database.read() as conn:
        the_run(conn, dag_id, dag_run_id)
        return _page(
            here,
            conn,
            query.filters(dag_id, dag_run_id, task_id),
            Place(query.offset, page_size(here.settings, query.limit)),
            query.order_by,
        )


@router.get(f"{_TASK}/tries", dependencies=_READ)
def get_task_instance_tries(
    here: Here, dag_id: str, dag_run_id: str, task_id: str, map_index: AskedMapIndex = -1
) -> TaskInstanceHistoryCollectionResponse:
    """Every try, first to latest."""
    return _tries(here, TaskKey(dag_id, dag_run_id, task_id, map_index))


@router.get(f"{_TASK}/tries/{{task_try_number}}", dependencies=_READ)
def get_task_instance_try_details(
    here: Here,
    dag_id: str,
    dag_run_id: str,
    task_id: str,
    task_try_number: TryNumber,
    map_index: AskedMapIndex = -1,
) -> TaskInstanceHistoryResponse:
    """One try."""
    return _try(here, TaskKey(dag_id, dag_run_id, task_id, map_index), task_try_number)


@router.get(f"{_TASK}/links", dependencies=_READ)
def get_extra_links(
    here: Here,
    dag_id: str,
    dag_run_id: str,
    task_id: str,
    map_index: AskedMapIndex = -1,
    try_number: Annotated[int | None, Query(ge=0, le=INT_MAX)] = None,
) -> ExtraLinkCollectionResponse:
    """Links of its operator to pages elsewhere, as its latest try told them."""
    key = TaskKey(dag_id, dag_run_id, task_id, map_index)
    with here.database.read() as conn:
        row = the_task(conn, key)
        plan = find_plan(conn, dag_id, row.version)
        links = [
            link
            for task in (plan.tasks if plan is not None else ())
            if task.task_id == task_id
            for link in task.extra_links
        ]
        is_latest = try_number in (None, row.try_number)
        told = {
            name: found.value
            for name, xcom_key in links
            if is_latest and (found := find_xcom(conn, key, xcom_key)) is not None
        }
    shown = {name: None if name not in told else str(told[name]) for name, _ in links}
    return ExtraLinkCollectionResponse(extra_links=shown, total_entries=len(shown))


@router.get(f"{_TASK}/{{map_index}}/tries", dependencies=_READ)
def get_mapped_task_instance_tries(
    here: Here, dag_id: str, dag_run_id: str, task_id: str, map_index: MapIndex
) -> TaskInstanceHistoryCollectionResponse:
    """Every try of a mapped task instance."""
    return _tries(here, TaskKey(dag_id, dag_run_id, task_id, map_index))


@router.get(f"{_TASK}/{{map_index}}/tries/{{task_try_number}}", dependencies=_READ)
def get_mapped_task_instance_try_details(
    here: Here,
    dag_id: str,
    dag_run_id: str,
    task_id: str,
    map_index: MapIndex,
    task_try_number: TryNumber,
) -> TaskInstanceHistoryResponse:
    """One try of a mapped task instance."""
    return _try(here, TaskKey(dag_id, dag_run_id, task_id, map_index), task_try_number)


@router.get(f"{_TASK}/{{map_index}}", dependencies=_READ)
def get_mapped_task_instance(
    here: Here, dag_id: str, dag_run_id: str, task_id: str, map_index: MapIndex
) -> TaskInstanceResponse:
    """One mapped task instance."""
    return _answer(here, TaskKey(dag_id, dag_run_id, task_id, map_index))


@router.post("/clearTaskInstances", dependencies=[needs(Permission.EDIT_DAGS)])
def post_clear_task_instances(
    here: Here, dag_id: str, body: ClearTaskInstancesBody
) -> ClearedTasksResponse:
    """Run task instances again; with `dry_run`, which is the default, only say which."""
    with here.database.read() as conn:
        the_dag(conn, dag_id)
        if body.dag_run_id is not None:
            the_run(conn, dag_id, body.dag_run_id)
    result = here.commands.give(_command(here, dag_id, body))
    return cleared_answer(here, dag_id, result)


def _command(here: Services, dag_id: str, body: ClearTaskInstancesBody) -> ClearTasks:
    return ClearTasks(
        dag_id=dag_id,
        run_ids=() if body.dag_run_id is None else (body.dag_run_id,),
        start_date=body.start_date,
        end_date=body.end_date,
        task_ids=tuple(wanted for wanted in body.task_ids or () if isinstance(wanted, str)),
        instances=tuple(wanted for wanted in body.task_ids or () if not isinstance(wanted, str)),
        include_upstream=body.include_upstream,
        include_downstream=body.include_downstream,
        include_past=body.include_past,
        include_future=body.include_future,
        only_failed=body.only_failed,
        only_running=body.only_running,
        reset_dag_runs=body.reset_dag_runs,
        run_on_latest_version=on_latest_version(here, dag_id, body.run_on_latest_version),
        prevent_running_task=body.prevent_running_task,
        dry_run=body.dry_run,
        note=body.note,
    )


def _members(here: Services, conn: sa.Connection, dag_id: str, group_id: str) -> tuple[str, ...]:
    row = the_dag(conn, dag_id)
    return here.plan_facts.get(conn, dag_id, row.version).members.get(group_id, ())


def _page(
    here: Services, conn: sa.Connection, filters: TaskFilters, place: Place, order_by: list[str]
) -> TaskInstanceCollectionResponse:
    rows, total = list_tasks(
        conn, filters, limit=place.limit, offset=place.offset, order_by=order_by
    )
    return TaskInstanceCollectionResponse(
        task_instances=showing.task_instances(here, conn, rows),
        total_entries=total,
        next_cursor=place.next_cursor(total),
        previous_cursor=place.previous_cursor,
    )


def _answer(here: Services, key: TaskKey) -> TaskInstanceResponse:
    with here.database.read() as conn:
        (shown,) = showing.task_instances(here, conn, [the_task(conn, key)])
    return shown


def _tries(here: Services, key: TaskKey) -> TaskInstanceHistoryCollectionResponse:
    with here.database.read() as conn:
        the_task(conn, key)
        rows = list_tries(conn, key)
        shown = [
            TaskInstanceHistoryResponse.of(row, here.plan_facts.get(conn, row.dag_id, row.version))
            for row in rows
        ]
    return TaskInstanceHistoryCollectionResponse(task_instances=shown, total_entries=len(shown))


def _try(here: Services, key: TaskKey, try_number: int) -> TaskInstanceHistoryResponse:
    for shown in _tries(here, key).task_instances:
        if shown.try_number == try_number:
            return shown
    raise NotFound(f"task instance {key.task_id!r} of run {key.run_id!r} has no try {try_number}")

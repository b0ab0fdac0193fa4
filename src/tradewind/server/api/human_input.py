"""What task instances ask people: list it, look at it, answer it."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query

from tradewind.model.commands import Respond
from tradewind.model.errors import NotFound, UserError
from tradewind.model.human_input import Form, Inquiry, Person
from tradewind.model.keys import TaskKey
from tradewind.server.api import showing
from tradewind.server.api.finding import check_lists, the_task
from tradewind.server.api.paging import one_or_every, page_size
from tradewind.server.api.schemas.human_input import (
    HITLDetail,
    HITLDetailCollection,
    HITLDetailHistory,
    HITLDetailResponse,
    HITLDetailsQuery,
    HITLUser,
    UpdateHITLDetailPayload,
)
from tradewind.server.api.schemas.task_instances import (
    TaskInstanceHistoryResponse,
)
from tradewind.server.api.task_instances import MapIndex, TryNumber
from tradewind.server.auth.access import Editor, needs
from tradewind.server.auth.roles import Permission
from tradewind.server.run_requests import check_param
from tradewind.server.services import Here
from tradewind.storage import human_input
from tradewind.storage.listings.human_input import list_inquiries
from tradewind.storage.listings.tasks import TaskFilters, list_tasks, list_tries

router = APIRouter(prefix="/dags/{dag_id}/dagRuns/{dag_run_id}", tags=["Task Instance"])

_DETAIL = "/taskInstances/{task_id}/{map_index}/hitlDetails"
_READ = [needs(Permission.READ_DAGS)]


@router.get("/hitlDetails", dependencies=_READ)
def get_hitl_details(
    here: Here, dag_id: str, dag_run_id: str, query: Annotated[HITLDetailsQuery, Query()]
) -> HITLDetailCollection:
    """What is asked in one run, or in all with `~` in place of the run's or the DAG's id."""
    one_dag, one_run = one_or_every(dag_id), one_or_every(dag_run_id)
    with here.database.read() as conn:
        check_lists(conn, one_dag, one_run)
        inquiries, total = list_inquiries(
            conn,
            query.filters(one_dag, one_run),
            limit=page_size(here.settings, query.limit),
            offset=query.offset,
            order_by=query.order_by,
        )
        rows, _ = list_tasks(conn, TaskFilters(keys=[inquiry.key for inquiry in inquiries]))
        shown_rows = showing.task_instances(here, conn, rows)
        tasks = {row.key: task for row, task in zip(rows, shown_rows, strict=True)}
        shown = [HITLDetail.of(inquiry, tasks[inquiry.key]) for inquiry in inquiries]
    return HITLDetailCollection(hitl_details=shown, total_entries=total)


@router.get(_DETAIL, dependencies=_READ)
def get_hitl_detail(
    here: Here, dag_id: str, dag_run_id: str, task_id: str, map_index: MapIndex
) -> HITLDetail:
    """What a task instance asks, or asked, in its latest try."""
    key = TaskKey(dag_id, dag_run_id, task_id, map_index)
    with here.database.read() as conn:
        (task,) = showing.task_instances(here, conn, [the_task(conn, key)])
        return HITLDetail.of(_the_inquiry(conn, key), task)


@router.get(f"{_DETAIL}/tries/{{try_number}}", dependencies=_READ)
def get_hitl_detail_try_detail(
    here: Here,
    dag_id: str,
    dag_run_id: str,
    task_id: str,
    map_index: MapIndex,
    try_number: TryNumber,
) -> HITLDetailHistory:
    """What one try asked."""
    key = TaskKey(dag_id, dag_run_id, task_id, map_index)
    with here.database.read() as conn:
        the_task(conn, key)
        inquiry = human_input.of_try(conn, key, try_number)
        row = next((row for row in list_tries(conn, key) if row.try_number == try_number), None)
        if inquiry is None or row is None:
            raise NotFound(f"try {try_number} of task instance {task_id!r} has asked nobody")
        facts = here.plan_facts.get(conn, row.dag_id, row.version)
    return HITLDetailHistory.of(inquiry, TaskInstanceHistoryResponse.of(row, facts))


@router.patch(_DETAIL)
def update_hitl_detail(
    here: Here,
    user: Editor,
    dag_id: str,
    dag_run_id: str,
    task_id: str,
    map_index: MapIndex,
    body: UpdateHITLDetailPayload,
) -> HITLDetailResponse:
    """Answer it, once; where users are assigned to it, only they may."""
    key = TaskKey(dag_id, dag_run_id, task_id, map_index)
    with here.database.read() as conn:
        the_task(conn, key)
        _check_params(_the_inquiry(conn, key).form, body.params_input)
    person = Person(id=user.username, name=user.username)
    result = here.commands.give(
        Respond(
            key=key,
            chosen_options=tuple(body.chosen_options),
            params_input=body.params_input,
            person=person,
        )
    )
    return HITLDetailResponse(
        responded_by=HITLUser.of(person),
        responded_at=result["responded_at"],
        chosen_options=body.chosen_options,
        params_input=body.params_input,
    )


def _check_params(form: Form, given: dict[str, object]) -> None:
    """Raises UserError for params that were not asked for, or lack, or have values they may not."""
    if not given:
        return
    if unknown := [repr(name) for name in given if form.params and name not in form.params]:
        raise UserError(f"there is no param {', '.join(unknown)} to fill in")
    if missing := [repr(name) for name in form.params if name not in given]:
        raise UserError(f"fill in param {', '.join(missing)} too")
    for name, param in form.params.items():
        schema = param.get("schema") if isinstance(param, dict) else None
        check_param(f"param {name!r}", given[name], schema or {})


def _the_inquiry(conn: sa.Connection, key: TaskKey) -> Inquiry:
    inquiry = human_input.of_latest_try(conn, key)
    if inquiry is None:
        raise NotFound(f"task instance {key.task_id!r} of run {key.run_id!r} asks nobody")
    return inquiry

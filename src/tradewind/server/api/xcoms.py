"""XComs: list and look at."""

from typing import Annotated

from fastapi import APIRouter, Query

from tradewind.model.errors import NotFound
from tradewind.model.keys import TaskKey
from tradewind.server.api.finding import check_lists
from tradewind.server.api.paging import one_or_every, page_size
from tradewind.server.api.schemas.xcoms import (
    XComCollectionResponse,
    XComQuery,
    XComResponse,
    XComsQuery,
    XComValueResponse,
    as_text,
)
from tradewind.server.auth.access import needs
from tradewind.server.auth.roles import Permission
from tradewind.server.services import Here
from tradewind.storage.listings.xcoms import find_xcom, list_xcoms

router = APIRouter(prefix="/dags/{dag_id}", tags=["XCom"])

_PATH = "/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries"


@router.get(_PATH, dependencies=[needs(Permission.READ_DAGS)])
def get_xcom_entries(
    here: Here,
    dag_id: str,
    dag_run_id: str,
    task_id: str,
    query: Annotated[XComsQuery, Query()],
) -> XComCollectionResponse:
    """What was pushed, without the values; `~` for a DAG, run or task stands for all."""
    one_dag, one_run, one_task = map(one_or_every, (dag_id, dag_run_id, task_id))
    with here.database.read() as conn:
        check_lists(conn, one_dag, one_run)
        rows, total = list_xcoms(
            conn,
            query.filters(one_dag, one_run, one_task),
            limit=page_size(here.settings, query.limit),
            offset=query.offset,
            order_by=query.order_by,
        )
        entries = [
            XComResponse.of(row, here.plan_facts.get(conn, row.dag_id, row.version)) for row in rows
        ]
    return XComCollectionResponse(xcom_entries=entries, total_entries=total)


@router.get(f"{_PATH}/{{xcom_key:path}}", dependencies=[needs(Permission.READ_DAGS)])
def get_xcom_entry(
    here: Here,
    dag_id: str,
    dag_run_id: str,
    task_id: str,
    xcom_key: str,
    query: Annotated[XComQuery, Query()],
) -> XComValueResponse:
    """One value; with `stringify` as text."""
    key = TaskKey(dag_id, dag_run_id, task_id, query.map_index)
    with here.database.read() as conn:
        row = find_xcom(conn, key, xcom_key)
        if row is None:
            raise NotFound(
                f"task instance {task_id!r} of run {dag_run_id!r} has no XCom {xcom_key!r}"
            )
        facts = here.plan_facts.get(conn, row.dag_id, row.version)
    value = as_text(row.value) if query.stringify else row.value
    return XComValueResponse.of(row, facts, value=value)

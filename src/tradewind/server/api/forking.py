"""Fork a run: a new one from a task on, which shares what the others did."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from tradewind.model.commands import ForkRun
from tradewind.server.api.finding import the_plan, the_run
from tradewind.server.api.schemas.answer import Answer
from tradewind.server.api.schemas.fields import Body, Moment, Note
from tradewind.server.auth.access import Editor
from tradewind.server.run_requests import check_run_id, manual_run_id
from tradewind.server.services import Here

router = APIRouter(prefix="/dags/{dag_id}", tags=["DagRun"])


class ForkDAGRunBody(Body):
    task_ids: Annotated[list[str], Field(min_length=1)]
    """It runs from these on; what is not downstream of them is shared."""
    new_dag_run_id: Annotated[str, Field(max_length=250)] | None = None
    logical_date: Moment | None = None
    note: Note | None = None
    dry_run: bool = True


class SharedTaskResponse(Answer):
    task_id: str
    map_index: int


class ForkDAGRunResponse(Answer):
    dag_id: str
    dag_run_id: str
    """Of the new run."""
    forked_from: str
    task_ids: list[str]
    """Tasks that run."""
    shared: list[SharedTaskResponse]
    dry_run: bool


@router.post("/dagRuns/{dag_run_id}/fork")
def fork_dag_run(
    here: Here, user: Editor, dag_id: str, dag_run_id: str, body: ForkDAGRunBody
) -> ForkDAGRunResponse:
    """Make a new run from some tasks on; with `dry_run`, which is the default, only say of what."""
    with here.database.read() as conn:
        the_run(conn, dag_id, dag_run_id)
        _, plan = the_plan(conn, dag_id)
    if body.new_dag_run_id is not None:
        check_run_id(body.new_dag_run_id, here.settings.scheduler.allowed_run_id_pattern)
    now = here.clock.now()
    result: dict[str, Any] = here.commands.give(
        ForkRun(
            dag_id=dag_id,
            run_id=dag_run_id,
            new_run_id=body.new_dag_run_id or manual_run_id(plan, now, body.logical_date),
            task_ids=tuple(body.task_ids),
            run_after=now,
            logical_date=body.logical_date,
            note=body.note,
            triggering_user_name=user.username,
            dry_run=body.dry_run,
        )
    )
    return ForkDAGRunResponse(
        dag_id=dag_id,
        dag_run_id=result["run_id"],
        forked_from=dag_run_id,
        task_ids=result["task_ids"],
        shared=[
            SharedTaskResponse(task_id=task_id, map_index=map_index)
            for _, task_id, map_index in result["shared"]
        ],
        dry_run=body.dry_run,
    )

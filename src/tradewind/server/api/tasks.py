"""Tasks of a DAG's latest version: list and look at."""

from fastapi import APIRouter

from tradewind.model.errors import NotFound
from tradewind.server.api.finding import the_plan
from tradewind.server.api.schemas.tasks import TaskCollectionResponse, TaskResponse, tasks_of
from tradewind.server.auth.access import needs
from tradewind.server.auth.roles import Permission
from tradewind.server.services import Here
from tradewind.storage.listings.criteria import UnknownOrder

router = APIRouter(prefix="/dags/{dag_id}/tasks", tags=["Task"])


@router.get("", dependencies=[needs(Permission.READ_DAGS)])
def get_tasks(here: Here, dag_id: str, order_by: str = "task_id") -> TaskCollectionResponse:
    """Every task of a DAG."""
    name = order_by.removeprefix("-")
    if name not in TaskResponse.model_fields:
        raise UnknownOrder(
            f"cannot order by {order_by!r}; possible are {', '.join(TaskResponse.model_fields)}"
        )
    with here.database.read() as conn:
        _, plan = the_plan(conn, dag_id)
    tasks = sorted(
        tasks_of(plan),
        key=lambda task: (getattr(task, name) is None, _comparable(getattr(task, name))),
        reverse=order_by.startswith("-"),
    )
    return TaskCollectionResponse(tasks=tasks, total_entries=len(tasks))


@router.get("/{task_id}", dependencies=[needs(Permission.READ_DAGS)])
def get_task(here: Here, dag_id: str, task_id: str) -> TaskResponse:
    """One task."""
    with here.database.read() as conn:
        _, plan = the_plan(conn, dag_id)
    for task in tasks_of(plan):
        if task.task_id == task_id:
            return task
    raise NotFound(f"DAG {dag_id!r} has no task {task_id!r}")


def _comparable(value: object) -> object:
    return value if isinstance(value, int | float | str) else str(value)

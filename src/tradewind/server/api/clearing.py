"""What a clear did, or would do."""

from typing import Any

from tradewind.model.keys import TaskKey
from tradewind.server.api import showing
from tradewind.server.api.schemas.answer import Answer
from tradewind.server.api.schemas.task_instances import TaskInstanceResponse
from tradewind.server.services import Services
from tradewind.storage.listings.tasks import TaskFilters, TaskRow, list_tasks

_AT_ONCE = 500
"""Keys in one query: SQLite takes 32766 parameters, four to a key."""


class ClearedTasksResponse(Answer):
    task_instances: list[TaskInstanceResponse]
    total_entries: int


def cleared_rows(here: Services, dag_id: str, result: dict[str, Any]) -> list[TaskRow]:
    """The task instances of a ClearTasks answer, as they stand now."""
    keys = [
        TaskKey(dag_id, run_id, task_id, map_index)
        for run_id, task_id, map_index in result["task_instances"]
    ]
    rows: list[TaskRow] = []
    with here.database.read() as conn:
        for first in range(0, len(keys), _AT_ONCE):
            filters = TaskFilters(keys=keys[first : first + _AT_ONCE])
            rows += list_tasks(conn, filters)[0]
    return rows


def cleared_answer(here: Services, dag_id: str, result: dict[str, Any]) -> ClearedTasksResponse:
    """The answer to a request to clear."""
    rows = cleared_rows(here, dag_id, result)
    with here.database.read() as conn:
        shown = showing.task_instances(here, conn, rows)
    return ClearedTasksResponse(task_instances=shown, total_entries=len(shown))

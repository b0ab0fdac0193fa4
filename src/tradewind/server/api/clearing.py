"""What a clear did, or would do."""

from typing import Any

from tradewind.model.keys import TaskKey
from tradewind.model.plan import TaskPlan
from tradewind.model.states import TaskState
from tradewind.server.api import showing
from tradewind.server.api.finding import the_plan, the_run
from tradewind.server.api.schemas.answer import Answer
from tradewind.server.api.schemas.task_instances import TaskInstanceResponse
from tradewind.server.services import Services
from tradewind.storage.listings.dags import DagRow
from tradewind.storage.listings.runs import RunRow
from tradewind.storage.listings.tasks import TaskFilters, TaskRow, list_tasks

_AT_ONCE = 500
"""Keys in one query: SQLite takes 32766 parameters, four to a key."""


class ClearedTasksResponse(Answer):
    task_instances: list[TaskInstanceResponse]
    total_entries: int


def cleared_rows(here: Services, dag_id: str, result: dict[str, Any]) -> list[TaskRow]:
    """The task instances of a ClearTasks answer, as they stand now; of tasks that a run would only get
    with the newest version, as they would be made."""
    keys = [
        TaskKey(dag_id, run_id, task_id, map_index)
        for run_id, task_id, map_index in result["task_instances"]
    ]
    rows: list[TaskRow] = []
    with here.database.read() as conn:
        for first in range(0, len(keys), _AT_ONCE):
            filters = TaskFilters(keys=keys[first : first + _AT_ONCE])
            rows += list_tasks(conn, filters)[0]
        there = {row.key for row in rows}
        missing = [key for key in keys if key not in there]
        if missing:
            dag, plan = the_plan(conn, dag_id)
            tasks = {task.task_id: task for task in plan.tasks}
            rows += [
                _to_be(dag, tasks[key.task_id], the_run(conn, dag_id, key.run_id), key)
                for key in missing
            ]
    return rows


def _to_be(dag: DagRow, task: TaskPlan, run: RunRow, key: TaskKey) -> TaskRow:
    """A task instance that is not there yet."""
    return TaskRow(
        **key._asdict(),
        dag_display_name=dag.display_name,
        bundle_name=dag.bundle_name,
        version=dag.version,
        version_created_at=None,
        run_after=run.run_after,
        logical_date=run.logical_date,
        state=TaskState.NONE,
        try_number=0,
        max_tries=task.retries,
        scheduled_at=None,
        queued_at=None,
        start_date=None,
        end_date=None,
        due_at=None,
        hostname=None,
        pid=None,
        cpu_s=None,
        max_rss_kib=None,
        exit_reason=None,
        rendered_map_index=None if key.map_index < 0 else str(key.map_index),
        operator=task.operator,
        pool=task.pool,
        pool_slots=task.pool_slots,
        queue=task.queue,
        executor=task.executor,
        priority_weight=task.priority_weight,
        rendered_fields=None,
        note=None,
    )


def cleared_answer(here: Services, dag_id: str, result: dict[str, Any]) -> ClearedTasksResponse:
    """The answer to a request to clear."""
    rows = cleared_rows(here, dag_id, result)
    with here.database.read() as conn:
        shown = showing.task_instances(here, conn, rows)
    return ClearedTasksResponse(task_instances=shown, total_entries=len(shown))


def on_latest_version(here: Services, dag_id: str, asked: bool | None) -> bool:
    """Whether what is cleared takes the newest version: as asked for, else as the DAG has it, else as
    `core.rerun_with_latest_version` does."""
    if asked is not None:
        return asked
    with here.database.read() as conn:
        of_dag = the_plan(conn, dag_id)[1].rerun_with_latest_version
    return here.settings.core.rerun_with_latest_version if of_dag is None else of_dag

"""SkipMixin: how a task skips tasks after it; the decision is kept as an XCom, for later clears."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from tradewind.authoring.errors import AirflowException, DownstreamTasksSkipped
from tradewind.authoring.logs import LoggingMixin
from tradewind.authoring.names import did_you_mean
from tradewind.authoring.node import DAGNode
from tradewind.model.states import TaskState

if TYPE_CHECKING:
    from tradewind.authoring.dag import DAG

XCOM_SKIPMIXIN_KEY = "skipmixin_key"
XCOM_SKIPMIXIN_SKIPPED = TaskState.SKIPPED.value
XCOM_SKIPMIXIN_FOLLOWED = "followed"


class SkipMixin(LoggingMixin):
    """For operators that decide which of the tasks after them are to run."""

    __module__ = "airflow.sdk.bases.skipmixin"

    _can_skip_downstream = True

    def skip(self, ti: Any, tasks: Iterable[DAGNode]) -> None:
        """Skip these tasks; does not return where there are any: the task ends with it."""
        ids = [task.node_id for task in _without_teardowns(tasks)]
        if not ids:
            return
        ti.xcom_push(key=XCOM_SKIPMIXIN_KEY, value={XCOM_SKIPMIXIN_SKIPPED: ids})
        raise DownstreamTasksSkipped(tasks=ids)

    def skip_all_except(self, ti: Any, branch_task_ids: str | Iterable[str] | None) -> None:
        """Skip the tasks directly after this one, but for the chosen and those after them.

        Group ids stand for the first tasks of the group. Raises AirflowException for an id that the
        DAG does not have.
        """
        task = ti.task
        chosen = _chosen_ids(task.dag, branch_task_ids, task.task_id)
        self.log.info("Following branch %s", sorted(chosen))
        kept = set(chosen)
        for task_id in chosen:
            kept |= task.dag.get_task(task_id).get_flat_relative_ids()
        skipped = [
            after.task_id
            for after in _without_teardowns(task.downstream_list)
            if after.task_id not in kept
        ]
        ti.xcom_push(key=XCOM_SKIPMIXIN_KEY, value={XCOM_SKIPMIXIN_FOLLOWED: sorted(chosen)})
        if skipped:
            raise DownstreamTasksSkipped(tasks=skipped)


def _without_teardowns(tasks: Iterable[Any]) -> Sequence[Any]:
    return [task for task in tasks if not getattr(task, "is_teardown", False)]


def _chosen_ids(dag: "DAG", chosen: Any, decided_by: str) -> set[str]:
    if chosen is None:
        return set()
    asked = [chosen] if isinstance(chosen, str) else chosen
    if not isinstance(asked, Iterable):
        raise AirflowException(
            f"task {decided_by!r}: a branch is chosen by one task id or a list of them, "
            f"not {chosen!r}"
        )
    ids: set[str] = set()
    for item in asked:
        if not isinstance(item, str):
            raise AirflowException(
                f"task {decided_by!r}: a branch is chosen by task id, not by {item!r}"
            )
        group = dag.task_group_dict.get(item)
        if group is not None:
            ids |= {root.task_id for root in group.roots}
        elif dag.has_task(item):
            ids.add(item)
        else:
            hint = did_you_mean(item, [*dag.task_dict, *dag.task_group_dict])
            raise AirflowException(
                f"task {decided_by!r} chose the branch {item!r}, which the DAG does not have{hint}"
            )
    return ids

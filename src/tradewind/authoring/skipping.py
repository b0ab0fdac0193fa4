"""SkipMixin: how a task skips tasks after it; the decision is kept as an XCom, for later clears."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tradewind.authoring.errors import AirflowException, DownstreamTasksSkipped
from tradewind.authoring.logs import LoggingMixin
from tradewind.authoring.names import did_you_mean
from tradewind.model.keys import CHOICE
from tradewind.model.states import TaskState

if TYPE_CHECKING:
    from tradewind.authoring.dag import DAG
    from tradewind.authoring.operator import BaseOperator

XCOM_SKIPMIXIN_KEY = CHOICE
XCOM_SKIPMIXIN_SKIPPED = TaskState.SKIPPED.value
XCOM_SKIPMIXIN_FOLLOWED = "followed"


class SkipMixin(LoggingMixin):
    """For operators that decide which of the tasks after them are to run."""

    __module__ = "airflow.sdk.bases.skipmixin"

    _can_skip_downstream = True

    def skip(self, ti: Any, tasks: "Iterable[BaseOperator]") -> None:
        """Skip these tasks; does not return where there are any: the task ends with it.

        A mapped task goes on, and skips by its choice those of `tasks` that are directly after it.
        """
        ids = sorted(task.task_id for task in tasks)
        if ids:
            ti.xcom_push(key=CHOICE, value={XCOM_SKIPMIXIN_SKIPPED: ids})
            _end_with(ti, ids)

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
        after = task.downstream_task_ids
        if after:
            ti.xcom_push(key=CHOICE, value={XCOM_SKIPMIXIN_FOLLOWED: sorted(after & kept)})
            _end_with(ti, [(task_id, ti.map_index) for task_id in sorted(after - kept)])


@contextmanager
def answering(result: Any) -> Iterator[None]:
    """Whatever is skipped meanwhile, this is what the task returns in files of Airflow 2."""
    try:
        yield
    except DownstreamTasksSkipped as choice:
        choice.result = result
        raise


def _end_with(ti: Any, skipped: Sequence[str | tuple[str, int]]) -> None:
    if skipped and ti.map_index < 0:
        raise DownstreamTasksSkipped(tasks=skipped)


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

"""SubDagOperator of 1.10 and 2.x: a DAG within a task. Here it is a group of the outer DAG.

Its tasks become tasks of the outer DAG, in its runs and under its limits; within them, ids mean what
they meant in the inner DAG.
"""

from typing import TYPE_CHECKING, Any

from tradewind.authoring import profile
from tradewind.authoring.default_args import known_arguments
from tradewind.authoring.errors import AirflowException
from tradewind.authoring.names import did_you_mean
from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.operator_arguments import CHECKS
from tradewind.authoring.scopes import DagContext
from tradewind.authoring.task_group import TaskGroup

if TYPE_CHECKING:
    from tradewind.authoring.dag import DAG

_OWN_ARGUMENTS = frozenset({"conf", "executor", "propagate_skipped_state", "session"})
"""Of the run that the inner DAG had of its own; there is none."""


class SubDagOperator(TaskGroup):
    """Takes the tasks of `subdag` in. Arguments of the task that it was have no effect any more.

    Only `trigger_rule` counts: for the tasks that come first.
    """

    __module__ = "airflow.operators.subdag"

    def __init__(
        self,
        *,
        task_id: str,
        subdag: "DAG",
        dag: "DAG | None" = None,
        task_group: TaskGroup | None = None,
        trigger_rule: Any = None,
        **kwargs: Any,
    ) -> None:
        profile.report("uses SubDagOperator")
        known = known_arguments(BaseOperator) | _OWN_ARGUMENTS
        for name in kwargs.keys() - known:
            raise TypeError(
                f"SubDagOperator {task_id!r} got an unexpected argument {name!r}"
                f"{did_you_mean(name, known)}"
            )
        dag = dag or DagContext.get_current()
        if dag is not None and subdag.dag_id != f"{dag.dag_id}.{task_id}":
            raise AirflowException(
                f"SubDagOperator {task_id!r}: the dag_id of its DAG must be "
                f"'{dag.dag_id}.{task_id}', not {subdag.dag_id!r}"
            )
        super().__init__(
            task_id, parent_group=task_group, dag=dag, tooltip=subdag.description or ""
        )
        self.subdag = subdag
        self._new_ids = {old: self.child_id(old) for old in subdag.task_dict}
        self._take_in(subdag)
        if trigger_rule is not None:
            for task in self.roots:
                task.trigger_rule = CHECKS["trigger_rule"](
                    f"SubDagOperator {task_id!r}", trigger_rule
                )

    @property
    def task_id(self) -> str:
        """The group's id."""
        return self.node_id

    def _take_in(self, subdag: "DAG") -> None:
        subdag.parent_dag = self.dag
        tasks = subdag.tasks
        for task in tasks:
            if task.task_display_name == task.task_id:
                task.task_display_name = self._new_ids[task.task_id]
            task.task_id = self._new_ids[task.task_id]
            for relatives in (task.upstream_task_ids, task.downstream_task_ids):
                renamed = {self._new_ids[old] for old in relatives}
                relatives.clear()
                relatives |= renamed
        self._take_children(subdag.task_group, self)
        for task in tasks:
            task.dag = None
            self.dag.add_task(task)
        for upstream, edges in subdag.edge_info.items():
            for downstream, info in edges.items():
                self.dag.set_edge_info(self._new_ids[upstream], self._new_ids[downstream], info)

    def _take_children(self, source: TaskGroup, target: TaskGroup) -> None:
        """Move what is in `source` to `target`; inner groups are emptied and filled again."""
        children = list(source.children.values())
        source.children.clear()
        for child in children:
            if isinstance(child, TaskGroup):
                child.parent_group = target
                child.dag = self.dag
                target.add(child)
                self._take_children(child, child)
            else:
                child.task_group = None
                target.add(child)
                child.task_group = target

    def id_within(self, task_id: str) -> str:
        return super().id_within(self._new_ids.get(task_id, task_id))

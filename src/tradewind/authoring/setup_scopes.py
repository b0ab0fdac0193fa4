"""What stands in a `with` of setup or teardown tasks: put between them when the block ends."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from tradewind.authoring.errors import AirflowException

if TYPE_CHECKING:
    from tradewind.authoring.operator import BaseOperator


class _Scope:
    def __init__(
        self, setups: "Sequence[BaseOperator]", teardowns: "Sequence[BaseOperator]"
    ) -> None:
        self.setups = setups
        self.teardowns = teardowns
        self.tasks: dict[str, BaseOperator] = {}
        self.inner_work: list[BaseOperator] = []
        """Of blocks within that have no setup, or no teardown, of their own."""


class SetupTeardownContext:
    """The stack of open blocks."""

    __module__ = "airflow.sdk.definitions._internal.setup_teardown"

    active: ClassVar[bool] = False
    _open: ClassVar[list[_Scope]] = []

    @classmethod
    def push(cls, tasks: "Sequence[BaseOperator]") -> None:
        """Open a block of these. Raises AirflowException for a task that is neither, ValueError
        where some are setups and some teardowns."""
        for task in tasks:
            if not task.is_setup and not task.is_teardown:
                raise AirflowException(
                    f"task {task.task_id!r} is no setup or teardown task: `with` takes those alone"
                )
        if len({task.is_setup for task in tasks}) > 1:
            ids = ", ".join(task.task_id for task in tasks)
            raise ValueError(f"{ids}: `with` takes either setup tasks or teardown tasks, not both")
        setups = {task.task_id: task for task in tasks if task.is_setup}
        teardowns = {task.task_id: task for task in tasks if task.is_teardown}
        for task in tasks:
            if task.is_setup:
                teardowns |= {t.task_id: t for t in task.downstream_list if t.is_teardown}
            else:
                setups |= {t.task_id: t for t in task.upstream_list if t.is_setup}
        cls._open.append(_Scope(list(setups.values()), list(teardowns.values())))
        cls.active = True

    @classmethod
    def pop(cls) -> None:
        """Close the innermost block: its setups come before what is in it, its teardowns after.

        Of the work in it those tasks are meant that nothing else comes before, or after. Setup and
        teardown tasks that merely stand in it are left alone; those of a block within a block are
        put between the outer ones.
        """
        scope = cls._open.pop()
        cls.active = bool(cls._open)
        work = [task for task in scope.tasks.values() if not task.is_setup and not task.is_teardown]
        first = [task for task in work if not task.upstream_task_ids] or work[:1]
        last = [task for task in work if not task.downstream_task_ids] or work[-1:]
        first += [task for task in scope.inner_work if not task.upstream_task_ids]
        last += [task for task in scope.inner_work if not task.downstream_task_ids]
        for task in first:
            task.set_upstream(list(scope.setups))
        for task in last:
            task.set_downstream(list(scope.teardowns))
        if cls._open:
            outer = cls._open[-1]
            if not scope.setups or not scope.teardowns:
                outer.inner_work += [*work, *scope.inner_work]
            _put_within(scope, outer)

    @classmethod
    def add_task(cls, task: Any) -> None:
        """Count a task that was made elsewhere as inside."""
        operator = getattr(task, "operator", task)
        cls._open[-1].tasks.setdefault(operator.task_id, operator)

    @classmethod
    def clear(cls) -> None:
        """Forget everything: before a file is loaded."""
        cls._open.clear()
        cls.active = False


def _put_within(scope: _Scope, outer: _Scope) -> None:
    """Put a block's own setups and teardowns between those of the block around it."""
    for task in scope.setups:
        if task not in outer.setups:
            task.set_upstream(list(outer.setups))
    for task in scope.teardowns:
        if task not in outer.teardowns:
            task.set_downstream(list(outer.teardowns))

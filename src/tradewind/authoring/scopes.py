"""Which DAG and which TaskGroup a `with` has opened: what a new task belongs to."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tradewind.authoring.dag import DAG
    from tradewind.authoring.task_group import TaskGroup


class DagContext:
    """The stack of open DAGs of this process, and those that registered themselves."""

    __module__ = "airflow.sdk.definitions._internal.contextmanager"

    _open: list["DAG"] = []
    _registered: list["DAG"] = []

    @classmethod
    def push(cls, dag: "DAG") -> None:
        """Open a DAG."""
        cls._open.append(dag)

    @classmethod
    def pop(cls) -> "DAG":
        """Close the innermost DAG; it counts as found if it registers itself."""
        dag = cls._open.pop()
        if dag.auto_register and dag not in cls._registered:
            cls._registered.append(dag)
        return dag

    @classmethod
    def get_current(cls) -> "DAG | None":
        """The innermost open DAG."""
        return cls._open[-1] if cls._open else None

    get_current_dag = get_current

    @classmethod
    def take_registered(cls) -> list["DAG"]:
        """The DAGs that registered themselves since the last call."""
        taken, cls._registered = cls._registered, []
        return taken

    @classmethod
    def clear(cls) -> None:
        """Forget everything: before a file is loaded."""
        cls._open, cls._registered = [], []


class TaskGroupContext:
    """The stack of open TaskGroups."""

    __module__ = "airflow.sdk.definitions._internal.contextmanager"

    _open: list["TaskGroup"] = []

    @classmethod
    def push(cls, group: "TaskGroup") -> None:
        """Open a group."""
        cls._open.append(group)

    @classmethod
    def pop(cls) -> "TaskGroup":
        """Close the innermost group."""
        return cls._open.pop()

    @classmethod
    def get_current(cls, dag: "DAG | None" = None) -> "TaskGroup | None":
        """The innermost open group of `dag` (by default the open DAG), else its root group."""
        dag = dag or DagContext.get_current()
        for group in reversed(cls._open):
            if dag is None or group.dag is dag or group.dag is None:
                return group
        return dag.task_group if dag is not None else None

    @classmethod
    def clear(cls) -> None:
        """Forget everything: before a file is loaded."""
        cls._open = []

"""What a task may ask about runs and task instances, of its own DAG and of others: on `ti`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tradewind.authoring import host
from tradewind.authoring.errors import AirflowNotFoundException
from tradewind.authoring.timezone import plain_utc
from tradewind.model.requests import (
    Breadcrumbs,
    DagOf,
    RunCount,
    RunStateOf,
    TaskCount,
    TaskStatesOf,
)
from tradewind.model.states import TaskState

_NO_STATE = {None: TaskState.NONE.value, "null": TaskState.NONE.value}
"""What Airflow calls the state of a task instance that has none."""


class RunQuestions:
    """Each asks the host of this process, and looks at what is on disk at that moment."""

    @staticmethod
    def get_dagrun_state(dag_id: str, run_id: str) -> str | None:
        """The state of a run; None if there is none."""
        state: str | None = host.current().ask(RunStateOf(dag_id=dag_id, run_id=run_id))
        return state

    @staticmethod
    def get_dag(dag_id: str) -> "DagFacts":
        """A DAG as it is now. Raises AirflowNotFoundException."""
        found = host.current().ask(DagOf(dag_id=dag_id))
        if found is None:
            raise AirflowNotFoundException(f"there is no DAG {dag_id}")
        return DagFacts(found)

    @staticmethod
    def get_dr_count(
        dag_id: str,
        logical_dates: Iterable[datetime] | None = None,
        run_ids: Iterable[str] | None = None,
        states: Iterable[str] | None = None,
    ) -> int:
        """How many runs of a DAG there are; what is not given leaves all."""
        asked = RunCount(
            dag_id=dag_id,
            logical_dates=_dates(logical_dates),
            run_ids=tuple(run_ids or ()),
            states=tuple(map(str, states or ())),
        )
        return int(host.current().ask(asked))

    @staticmethod
    def get_ti_count(
        dag_id: str,
        map_index: int | None = None,
        task_ids: Iterable[str] | None = None,
        task_group_id: str | None = None,
        logical_dates: Iterable[datetime] | None = None,
        run_ids: Iterable[str] | None = None,
        states: Iterable[str | None] | None = None,
    ) -> int:
        """How many task instances of a DAG there are; what is not given leaves all."""
        asked = TaskCount(
            dag_id=dag_id,
            map_index=map_index,
            task_ids=tuple(task_ids or ()),
            task_group_id=task_group_id,
            logical_dates=_dates(logical_dates),
            run_ids=tuple(run_ids or ()),
            states=tuple(_NO_STATE.get(state) or str(state) for state in states or ()),
        )
        return int(host.current().ask(asked))

    @staticmethod
    def get_task_states(
        dag_id: str,
        map_index: int | None = None,
        task_ids: Iterable[str] | None = None,
        task_group_id: str | None = None,
        logical_dates: Iterable[datetime] | None = None,
        run_ids: Iterable[str] | None = None,
    ) -> dict[str, dict[str, Any]]:
        """run_id -> task_id, or task_id_mapindex if mapped -> state, None before it has one."""
        asked = TaskStatesOf(
            dag_id=dag_id,
            map_index=map_index,
            task_ids=tuple(task_ids or ()),
            task_group_id=task_group_id,
            logical_dates=_dates(logical_dates),
            run_ids=tuple(run_ids or ()),
        )
        states: dict[str, dict[str, Any]] = host.current().ask(asked)
        return states

    @staticmethod
    def get_task_breadcrumbs(dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """task_id, map_index, state, operator and duration of what has finished in a run."""
        crumbs: list[dict[str, Any]] = host.current().ask(Breadcrumbs(dag_id=dag_id, run_id=run_id))
        return crumbs


class DagFacts:
    """A DAG, as a task of another may know it."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.dag_id: str = found["dag_id"]
        self.is_paused: bool = found["is_paused"]
        self.bundle_name: str = found["bundle_name"]
        self.relative_fileloc: str = found["relative_fileloc"]
        self.owners: str = ", ".join(found["owners"])
        self.tags: list[str] = found["tags"]


def _dates(given: Iterable[datetime] | None) -> tuple[datetime, ...]:
    return tuple(plain_utc(date) for date in given or ())

"""Triggers that wait for tasks or runs of another DAG. They load, and cannot be run yet."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Any

from tradewind.authoring.later import later_feature
from tradewind.authoring.triggers import BaseTrigger, TriggerEvent

_MODULE = "airflow.providers.standard.triggers.external_task"


class WorkflowTrigger(BaseTrigger):
    """One event when tasks, a group or a run of another DAG are in one of the states named."""

    __module__ = _MODULE

    def __init__(
        self,
        external_dag_id: str,
        run_ids: list[str] | None = None,
        execution_dates: list[datetime] | None = None,
        logical_dates: list[datetime] | None = None,
        external_task_ids: Collection[str] | None = None,
        external_task_group_id: str | None = None,
        failed_states: Collection[str] | None = None,
        skipped_states: Collection[str] | None = None,
        allowed_states: Collection[str] | None = None,
        poke_interval: float = 2.0,
        soft_fail: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.external_dag_id = external_dag_id
        self.run_ids = run_ids
        self.logical_dates = logical_dates or execution_dates
        self.external_task_ids = external_task_ids
        self.external_task_group_id = external_task_group_id
        self.failed_states = failed_states
        self.skipped_states = skipped_states
        self.allowed_states = allowed_states
        self.poke_interval = poke_interval
        self.soft_fail = soft_fail

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            f"{_MODULE}.WorkflowTrigger",
            {
                "external_dag_id": self.external_dag_id,
                "run_ids": self.run_ids,
                "logical_dates": self.logical_dates,
                "external_task_ids": self.external_task_ids,
                "external_task_group_id": self.external_task_group_id,
                "failed_states": self.failed_states,
                "skipped_states": self.skipped_states,
                "allowed_states": self.allowed_states,
                "poke_interval": self.poke_interval,
                "soft_fail": self.soft_fail,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """It never comes so far: nothing is deferred yet."""
        raise NotImplementedError(later_feature("WorkflowTrigger"))
        yield  # makes this an async generator


class DagStateTrigger(BaseTrigger):
    """One event when runs of a DAG are in one of `states`."""

    __module__ = _MODULE

    def __init__(
        self,
        dag_id: str,
        states: list[str],
        run_ids: list[str] | None = None,
        execution_dates: list[datetime] | None = None,
        poll_interval: float = 5.0,
    ) -> None:
        super().__init__()
        self.dag_id = dag_id
        self.states = states
        self.run_ids = run_ids
        self.execution_dates = execution_dates
        self.poll_interval = poll_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            f"{_MODULE}.DagStateTrigger",
            {
                "dag_id": self.dag_id,
                "states": self.states,
                "run_ids": self.run_ids,
                "execution_dates": self.execution_dates,
                "poll_interval": self.poll_interval,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """It never comes so far: nothing is deferred yet."""
        raise NotImplementedError(later_feature("DagStateTrigger"))
        yield  # makes this an async generator

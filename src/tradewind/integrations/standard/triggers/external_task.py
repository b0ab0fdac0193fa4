"""Triggers that wait for tasks or runs of another DAG."""

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Any

from tradewind.authoring.run_questions import RunQuestions
from tradewind.authoring.triggers import BaseTrigger, TriggerEvent
from tradewind.integrations.standard.utils.elsewhere import Elsewhere
from tradewind.model.states import TaskState

_MODULE = "airflow.providers.standard.triggers.external_task"


class WorkflowTrigger(BaseTrigger):
    """One event, {"status": "success", "failed" or "skipped"}, when tasks, a group or runs of another
    DAG are in one of the states named: for success all, for failure or a skip one of them."""

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
        while (status := await asyncio.to_thread(self._status)) is None:
            await asyncio.sleep(self.poke_interval)
        yield TriggerEvent({"status": status})

    def _status(self) -> str | None:
        """None while there is none; asked in a thread, as an answer takes a moment."""
        there = Elsewhere(
            dag_id=self.external_dag_id,
            task_ids=self.external_task_ids,
            task_group_id=self.external_task_group_id,
            logical_dates=self.logical_dates,
            run_ids=self.run_ids,
        )
        if self.failed_states and there.in_states(self.failed_states):
            return TaskState.FAILED.value
        if self.skipped_states and there.in_states(self.skipped_states):
            return TaskState.SKIPPED.value
        is_over = there.in_states(self.allowed_states or ()) == there.count
        return TaskState.SUCCESS.value if is_over else None


class DagStateTrigger(BaseTrigger):
    """One event when all of several runs of a DAG are in one of `states`: the trigger's class path,
    and its arguments with the state of each of `run_ids`."""

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
        while not await asyncio.to_thread(self._are_there):
            await asyncio.sleep(self.poll_interval)
        path, arguments = self.serialize()
        for run_id in self.run_ids or ():
            arguments[run_id] = await asyncio.to_thread(
                RunQuestions.get_dagrun_state, self.dag_id, run_id
            )
        yield TriggerEvent((path, arguments))

    def _are_there(self) -> bool:
        there = Elsewhere(
            dag_id=self.dag_id, logical_dates=self.execution_dates, run_ids=self.run_ids
        )
        return there.in_states(self.states) == there.count

"""ExternalTaskSensor: waits for a task or a run of another DAG; ExternalTaskMarker, its reverse."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from tradewind.authoring.later import later_feature
from tradewind.authoring.operator_arguments import take_legacy
from tradewind.authoring.sensor import BaseSensorOperator, PokeReturnValue
from tradewind.integrations.standard.exceptions import DuplicateStateError
from tradewind.integrations.standard.operators.empty import EmptyOperator
from tradewind.integrations.standard.utils.deferrable import default_deferrable
from tradewind.model.states import RunState, TaskState

_MODULE = "airflow.providers.standard.sensors.external_task"


class ExternalTaskSensor(BaseSensorOperator):
    """Over when tasks of another DAG, or its run, of the same logical date are in a state allowed.

    `execution_delta` is how much earlier that date is; `execution_date_fn` gives it or several.
    """

    __module__ = _MODULE

    template_fields: Collection[str] = (
        "external_dag_id",
        "external_task_id",
        "external_task_ids",
        "external_task_group_id",
    )
    ui_color = "#4db7db"

    def __init__(
        self,
        *,
        external_dag_id: str,
        external_task_id: str | None = None,
        external_task_ids: Collection[str] | None = None,
        external_task_group_id: str | None = None,
        allowed_states: Iterable[str] | None = None,
        skipped_states: Iterable[str] | None = None,
        failed_states: Iterable[str] | None = None,
        execution_delta: timedelta | None = None,
        execution_date_fn: Callable[..., Any] | None = None,
        check_existence: bool = False,
        poll_interval: float | None = None,
        deferrable: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.external_dag_id = external_dag_id
        self.external_task_id = external_task_id
        self.external_task_ids = external_task_ids
        self.external_task_group_id = external_task_group_id
        self.allowed_states = list(allowed_states or [TaskState.SUCCESS.value])
        self.skipped_states = list(skipped_states or [])
        self.failed_states = list(failed_states or [])
        self.execution_delta = execution_delta
        self.execution_date_fn = execution_date_fn
        self.check_existence = check_existence
        self.poll_interval = self.poke_interval if poll_interval is None else poll_interval
        self.deferrable = default_deferrable() if deferrable is None else deferrable
        self._check()

    def _check(self) -> None:
        named = f"ExternalTaskSensor {self.task_id!r}"
        states = [*self.allowed_states, *self.skipped_states, *self.failed_states]
        doubles = sorted({str(state) for state in states if states.count(state) > 1})
        if doubles:
            raise DuplicateStateError(
                f"{named}: {', '.join(doubles)} can be only one of allowed, skipped and failed"
            )
        ids = (self.external_task_id, self.external_task_ids, self.external_task_group_id)
        if sum(value is not None for value in ids) > 1:
            raise ValueError(
                f"{named}: give one of external_task_id, external_task_ids and "
                "external_task_group_id"
            )
        for_tasks = any(value is not None for value in ids)
        known = {item.value for item in (TaskState if for_tasks else RunState)}
        unknown = [str(state) for state in states if state is not None and str(state) not in known]
        if unknown:
            what = "tasks" if for_tasks else "runs"
            raise ValueError(f"{named}: {', '.join(unknown)} is no state of {what}")
        if self.execution_delta is not None and self.execution_date_fn is not None:
            raise ValueError(f"{named}: give execution_delta or execution_date_fn, not both")

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """It never comes so far: core refuses the run."""
        raise NotImplementedError(later_feature("ExternalTaskSensor"))


class ExternalTaskMarker(EmptyOperator):
    """Says that a task of another DAG depends on this: clearing this clears that one too."""

    __module__ = _MODULE

    template_fields: Collection[str] = ("external_dag_id", "external_task_id", "logical_date")
    ui_color = "#4db7db"

    def __init__(
        self,
        *,
        external_dag_id: str,
        external_task_id: str,
        logical_date: str | datetime | None = "{{ logical_date.isoformat() }}",
        recursion_depth: int = 10,
        **kwargs: Any,
    ) -> None:
        legacy = take_legacy(kwargs, {"execution_date": "logical_date"}, type(self).__name__)
        super().__init__(**kwargs)
        logical_date = legacy.get("logical_date", logical_date)
        self.external_dag_id = external_dag_id
        self.external_task_id = external_task_id
        self.logical_date = (
            logical_date.isoformat() if isinstance(logical_date, datetime) else logical_date
        )
        if recursion_depth <= 0:
            raise ValueError(
                f"ExternalTaskMarker {self.task_id!r}: recursion_depth must be above 0, "
                f"not {recursion_depth!r}"
            )
        self.recursion_depth = recursion_depth

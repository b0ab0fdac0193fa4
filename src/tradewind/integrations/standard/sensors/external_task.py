"""ExternalTaskSensor: waits for a task or a run of another DAG; ExternalTaskMarker, its reverse."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from tradewind.authoring import callables, host, meanings
from tradewind.authoring.errors import AirflowException, AirflowSkipException
from tradewind.authoring.operator_arguments import take_legacy
from tradewind.authoring.sensor import BaseSensorOperator, PokeReturnValue
from tradewind.integrations.standard.exceptions import (
    AirflowExternalTaskSensorException,
    DuplicateStateError,
    ExternalDagFailedError,
    ExternalDagNotFoundError,
    ExternalTaskFailedError,
    ExternalTaskGroupFailedError,
    ExternalTaskGroupNotFoundError,
    ExternalTaskNotFoundError,
)
from tradewind.integrations.standard.operators.empty import EmptyOperator
from tradewind.integrations.standard.triggers.external_task import WorkflowTrigger
from tradewind.integrations.standard.utils.deferrable import default_deferrable
from tradewind.integrations.standard.utils.elsewhere import Elsewhere
from tradewind.model.requests import DagOf
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
        if poll_interval is not None:
            kwargs.setdefault("poke_interval", poll_interval)
        super().__init__(**kwargs)
        self.external_dag_id = external_dag_id
        self.external_task_id = external_task_id
        self.external_task_ids = external_task_ids or None
        self.external_task_group_id = external_task_group_id
        self.allowed_states = list(allowed_states or [TaskState.SUCCESS.value])
        self.skipped_states = list(skipped_states or [])
        self.failed_states = list(failed_states or [])
        self.execution_delta = execution_delta
        self.execution_date_fn = execution_date_fn
        self.check_existence = check_existence
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

    @property
    def poll_interval(self) -> float:
        """An older name of poke_interval."""
        return self.poke_interval

    @property
    def _task_ids(self) -> list[str]:
        if self.external_task_id is not None:
            return [self.external_task_id]
        return list(self.external_task_ids or ())

    def execute(self, context: Any) -> None:
        """Wait, in a trigger if it is deferrable. Raises AirflowSkipException, or an
        AirflowExternalTaskSensorException."""
        if not self.deferrable:
            super().execute(context)
            return
        self._check_task_ids()
        self._check_existence(context)
        limit_s = self.timeout
        if not limit_s and self.execution_timeout is not None:
            limit_s = self.execution_timeout.total_seconds()
        trigger = WorkflowTrigger(
            external_dag_id=self.external_dag_id,
            logical_dates=self._dates(context),
            external_task_ids=self._task_ids or None,
            external_task_group_id=self.external_task_group_id,
            failed_states=self.failed_states,
            skipped_states=self.skipped_states,
            allowed_states=self.allowed_states,
            poke_interval=self.poke_interval,
            soft_fail=self.soft_fail,
        )
        limit = timedelta(seconds=limit_s) if limit_s else None
        self.defer(trigger=trigger, method_name="execute_complete", timeout=limit)

    def execute_complete(self, context: Any, event: dict[str, Any] | None = None) -> None:
        """Go on after the wait. Raises what `execute` raises."""
        status = None if event is None else event["status"]
        if status == TaskState.SKIPPED:
            raise AirflowSkipException(f"{self._awaited} is in a state that skips this too")
        if status == TaskState.FAILED:
            raise self._skip_or(ExternalDagFailedError(f"{self._awaited} failed"))
        if status != TaskState.SUCCESS:
            raise self._skip_or(ExternalTaskNotFoundError(f"{self._awaited} cannot be looked for"))

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """Look once, for all the dates."""
        self._check_task_ids()
        dates = self._dates(context)
        self.log.info("Looking for %s on %s", self._awaited, ", ".join(map(str, dates)))
        self._check_existence(context)
        there, ti = self._elsewhere(dates), context["ti"]
        if self.failed_states and there.in_states(self.failed_states, ti):
            raise self._skip_or(self._failure()(f"{self._awaited} failed"))
        if self.skipped_states and there.in_states(self.skipped_states, ti):
            raise AirflowSkipException(f"{self._awaited} is in a state that skips this too")
        return there.in_states(self.allowed_states, ti) == there.count

    def _dates(self, context: Any) -> list[datetime]:
        """The logical dates of the runs waited for."""
        date = context.get("logical_date") or context["dag_run"].run_after
        if self.execution_delta is not None:
            return [date - self.execution_delta]
        if self.execution_date_fn is None:
            return [date]
        around = {name: value for name, value in context.items() if name != "logical_date"}
        found = callables.call(self.execution_date_fn, (date,), {}, {**around, "context": context})
        return found if isinstance(found, list) else [found]

    def _elsewhere(self, dates: list[datetime]) -> Elsewhere:
        return Elsewhere(
            dag_id=self.external_dag_id,
            task_ids=self._task_ids,
            task_group_id=self.external_task_group_id,
            logical_dates=dates,
        )

    def _check_task_ids(self) -> None:
        """Not before they are rendered."""
        task_ids = self._task_ids
        if len(task_ids) > len(set(task_ids)):
            raise ValueError(f"external_task_ids names a task twice: {', '.join(task_ids)}")

    def _check_existence(self, context: Any) -> None:
        """2.x looks whether there is what is to be waited for; 3.x takes the argument and does not."""
        if not self.check_existence or meanings.profile_of(context["dag"])[0] != 2:
            return
        shape = host.current().ask(DagOf(dag_id=self.external_dag_id))
        if shape is None:
            raise ExternalDagNotFoundError(f"there is no DAG {self.external_dag_id}")
        missing = sorted({*self._task_ids} - {*shape["tasks"]})
        if missing:
            raise ExternalTaskNotFoundError(
                f"DAG {self.external_dag_id} has no task {', '.join(missing)}"
            )
        group = self.external_task_group_id
        if group is not None and group not in shape["groups"]:
            raise ExternalTaskGroupNotFoundError(
                f"DAG {self.external_dag_id} has no task group {group}"
            )

    @property
    def _awaited(self) -> str:
        """What it waits for, in words."""
        if self._task_ids:
            return f"{', '.join(self._task_ids)} of DAG {self.external_dag_id}"
        if self.external_task_group_id is not None:
            return f"task group {self.external_task_group_id} of DAG {self.external_dag_id}"
        return f"DAG {self.external_dag_id}"

    def _skip_or(self, failure: AirflowException) -> AirflowException:
        return (
            AirflowSkipException(f"skipped, as soft_fail is set: {failure}")
            if self.soft_fail
            else failure
        )

    def _failure(self) -> type[AirflowExternalTaskSensorException]:
        if self._task_ids:
            return ExternalTaskFailedError
        if self.external_task_group_id is not None:
            return ExternalTaskGroupFailedError
        return ExternalDagFailedError


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

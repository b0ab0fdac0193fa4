"""TriggerDagRunOperator: starts a run of another DAG. It loads, and cannot be run yet."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar

from tradewind.authoring.later import later_feature
from tradewind.authoring.notset import NOTSET, ArgNotSet
from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.operator_arguments import take_legacy
from tradewind.integrations.standard.utils.deferrable import default_deferrable
from tradewind.model.states import RunState


class TriggerDagRunOperator(BaseOperator):
    """Triggers `trigger_dag_id` with `conf`, and waits for its end if asked to."""

    __module__ = "airflow.providers.standard.operators.trigger_dagrun"

    template_fields: Collection[str] = (
        "trigger_dag_id",
        "trigger_run_id",
        "logical_date",
        "conf",
        "wait_for_completion",
        "skip_when_already_exists",
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"conf": "py"}
    ui_color = "#ffefeb"
    unsupported = ("TriggerDagRunOperator",)

    def __init__(
        self,
        *,
        trigger_dag_id: str,
        trigger_run_id: str | None = None,
        conf: dict[str, Any] | None = None,
        logical_date: str | datetime | ArgNotSet | None = NOTSET,
        run_after: str | datetime | ArgNotSet | None = NOTSET,
        reset_dag_run: bool = False,
        wait_for_completion: bool = False,
        poke_interval: int = 60,
        allowed_states: list[str | RunState] | None = None,
        failed_states: list[str | RunState] | None = None,
        skip_when_already_exists: bool = False,
        fail_when_dag_is_paused: bool = False,
        note: str | None = None,
        deferrable: bool | None = None,
        openlineage_inject_parent_info: bool = True,
        **kwargs: Any,
    ) -> None:
        legacy = take_legacy(
            kwargs,
            {"execution_date": "logical_date", "python_callable": "python_callable"},
            type(self).__name__,
        )
        super().__init__(**kwargs)
        self.trigger_dag_id = trigger_dag_id
        self.trigger_run_id = trigger_run_id
        self.conf = conf
        self.logical_date = _moment(self, legacy.get("logical_date", logical_date))
        self.run_after = _moment(self, run_after)
        self.reset_dag_run = reset_dag_run
        self.wait_for_completion = wait_for_completion
        self.poke_interval = poke_interval
        self.allowed_states = _states(allowed_states, RunState.SUCCESS)
        self.failed_states = _states(failed_states, RunState.FAILED)
        self.skip_when_already_exists = skip_when_already_exists
        self.fail_when_dag_is_paused = fail_when_dag_is_paused
        self.note = note
        self.deferrable = default_deferrable() if deferrable is None else deferrable
        self.openlineage_inject_parent_info = openlineage_inject_parent_info
        self.python_callable = legacy.get("python_callable")
        """As 1.10 had it: called with the context and an order, it decides and fills in conf."""

    def execute(self, context: Any) -> Any:
        """It never comes so far: core refuses the run."""
        raise NotImplementedError(later_feature("TriggerDagRunOperator"))


def _moment(task: BaseOperator, value: Any) -> Any:
    if value is None or isinstance(value, str | ArgNotSet):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(
        f"TriggerDagRunOperator {task.task_id!r}: a date must be a datetime or a template, "
        f"not {type(value).__name__} {value!r}"
    )


def _states(given: list[str | RunState] | None, default: RunState) -> list[RunState]:
    return [RunState(state) for state in given] if given else [default]

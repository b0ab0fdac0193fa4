"""`dag_run` in the context: what a task may know of its run."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tradewind.authoring.lazy import LazyModule
from tradewind.model.attempts import Attempt
from tradewind.model.states import RunState, RunType

if TYPE_CHECKING:
    import secrets

    import pendulum
else:
    pendulum = LazyModule("pendulum")
    secrets = LazyModule("secrets")

_GONE = {
    "execution_date": "logical_date",
    "external_trigger": "run_type",
    "get_task_instances": "ti.get_task_states()",
}


class DagRunTriggeredByType(StrEnum):
    """Who asked for a run: what `dag_run.triggered_by` is compared with."""

    __module__ = "airflow.utils.types"

    CLI = "cli"
    OPERATOR = "operator"
    REST_API = "rest_api"
    UI = "ui"
    TEST = "test"
    TIMETABLE = "timetable"
    ASSET = "asset"
    BACKFILL = "backfill"


def moment(value: datetime | None) -> "pendulum.DateTime | None":
    """A date as user code gets it."""
    if value is None:
        return None
    if value.tzinfo is not UTC:
        return pendulum.instance(value)
    day = value.year, value.month, value.day
    time = value.hour, value.minute, value.second, value.microsecond
    return pendulum.DateTime(*day, *time, tzinfo=pendulum.UTC)  # a third of what instance() costs


class DagRun:
    """The run that a task belongs to."""

    __module__ = "airflow.models.dagrun"

    def __init__(self, attempt: Attempt, *, keeps_old_names: bool = False) -> None:
        facts = attempt.run
        self.dag_id = attempt.key.dag_id
        self.run_id = attempt.key.run_id
        self.run_type: RunType = facts.run_type
        self.state = RunState.RUNNING
        self.run_after = moment(facts.run_after)
        self.logical_date = moment(facts.logical_date)
        self.data_interval_start = moment(facts.data_interval_start)
        self.data_interval_end = moment(facts.data_interval_end)
        self.start_date = moment(facts.start_date)
        self.end_date: datetime | None = None
        self.conf: dict[str, Any] = dict(facts.conf)
        self.clear_number = facts.clear_number
        self.triggered_by = facts.triggered_by
        self.triggering_user_name = facts.triggering_user_name
        self.note = facts.note
        self.consumed_asset_events: Any = []
        self.partition_key: str | None = None
        self.partition_date: datetime | None = None
        self.team_name: str | None = None
        self.dag: Any
        self.get_previous_dagrun: Any
        self.get_task_instance: Any
        self.get_task_instances: Any
        if keeps_old_names:
            self.execution_date = self.logical_date
            self.external_trigger = self.is_asked_for
            self.is_backfill = self.run_type is RunType.BACKFILL

    @staticmethod
    def generate_run_id(
        *, run_type: RunType | str, logical_date: datetime | None = None, run_after: datetime
    ) -> str:
        """An id for a run; one without a logical date gets something random."""
        unique = "" if logical_date else f"_{secrets.token_hex(4)}"
        return RunType(run_type).generate_run_id(suffix=f"{run_after.isoformat()}{unique}")

    @property
    def is_asked_for(self) -> bool:
        """Whether somebody asked for it, and no schedule or test."""
        asked_for = (RunType.MANUAL, RunType.OPERATOR_TRIGGERED)
        return self.run_type in asked_for and self.triggered_by != "test"

    def __getattr__(self, name: str) -> Any:
        if name in _GONE:
            raise AttributeError(f"dag_run has no {name} any more: use {_GONE[name]}")
        raise AttributeError(f"dag_run has no {name}")

    def __repr__(self) -> str:
        return f"<DagRun {self.dag_id} @ {self.run_id}>"

"""TriggerDagRunOperator: starts a run of another DAG."""

import json
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urljoin

from tradewind.authoring import configuration, timezone
from tradewind.authoring.errors import AirflowException, DagRunTriggerException
from tradewind.authoring.notset import NOTSET, ArgNotSet
from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.operator_arguments import take_legacy
from tradewind.authoring.operator_link import BaseOperatorLink
from tradewind.authoring.run_facts import DagRun
from tradewind.authoring.xcom_backend import BaseXCom
from tradewind.integrations.standard.utils.deferrable import default_deferrable
from tradewind.model.states import RunState, RunType


class DagIsPaused(AirflowException):
    """The DAG that is to run is paused."""

    __module__ = "airflow.providers.standard.operators.trigger_dagrun"

    def __init__(self, dag_id: str) -> None:
        super().__init__(f"DAG {dag_id} is paused")
        self.dag_id = dag_id


class TriggerDagRunLink(BaseOperatorLink):
    """Leads to the run that was made."""

    __module__ = "airflow.providers.standard.operators.trigger_dagrun"

    name = "Triggered DAG"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The page of the run."""
        run_id = operator.trigger_run_id
        if run_id is None:  # it was made by another process, before the task waited
            run_id = BaseXCom.get_value(ti_key=ti_key, key="trigger_run_id")
        return _page(operator.trigger_dag_id, run_id)


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
    operator_extra_links: Collection[Any] = (TriggerDagRunLink(),)

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

    def execute(self, context: Any) -> None:
        """Say which run is to be made: raises DagRunTriggerException, which is followed when this
        has ended. Raises DagIsPaused, and ValueError for a conf or date that is none."""
        conf, run_id = self.conf, self.trigger_run_id
        if self.python_callable is not None:
            order = self.python_callable(context, DagRunOrder())
            if not order:
                self.log.info("There is nothing to trigger")
                return
            conf, run_id = order.payload, order.run_id or run_id
        conf = _conf(self.task_id, conf)
        date, run_after = self._dates()
        self.trigger_run_id = str(run_id) if run_id else _run_id(date, run_after)
        if self.fail_when_dag_is_paused and context["ti"].get_dag(self.trigger_dag_id).is_paused:
            raise DagIsPaused(self.trigger_dag_id)
        page = _page(self.trigger_dag_id, self.trigger_run_id)
        context["ti"].xcom_push(TriggerDagRunLink().xcom_key, page)
        raise DagRunTriggerException(
            trigger_dag_id=self.trigger_dag_id,
            dag_run_id=self.trigger_run_id,
            conf=conf,
            logical_date=date,
            run_after=run_after,
            reset_dag_run=self.reset_dag_run,
            skip_when_already_exists=self.skip_when_already_exists,
            wait_for_completion=self.wait_for_completion,
            allowed_states=[state.value for state in self.allowed_states],
            failed_states=[state.value for state in self.failed_states],
            poke_interval=self.poke_interval,
            deferrable=self.deferrable,
            note=self.note,
        )

    def execute_complete(self, context: Any, event: tuple[str, dict[str, Any]]) -> None:
        """Go on after the wait. Raises AirflowException for a run in one of `failed_states`."""
        _, found = event
        run_ids = found["run_ids"]
        self.trigger_run_id = run_ids[0] if len(run_ids) == 1 else None
        for run_id in run_ids:
            state = found.get(run_id)
            named = f"run {run_id} of DAG {self.trigger_dag_id}"
            if state in self.failed_states:
                raise AirflowException(f"{named} ended as {state}")
            self.log.info("%s ended as %s", named, state)

    def _dates(self) -> tuple[datetime | None, datetime | None]:
        """Logical date and run_after: the date is now unless one of them is given."""
        run_after = None if isinstance(self.run_after, ArgNotSet) else _parsed(self.run_after)
        if not isinstance(self.logical_date, ArgNotSet):
            return _parsed(self.logical_date), run_after
        if isinstance(self.run_after, ArgNotSet):
            return datetime.now(UTC), None
        return None, run_after


class DagRunOrder:
    """What the `python_callable` of 1.10 was given, to fill in and to return."""

    def __init__(self, run_id: str | None = None, payload: dict[str, Any] | None = None) -> None:
        self.run_id = run_id
        self.payload = payload


def _page(dag_id: str, run_id: str) -> str:
    base = configuration.current().api.base_url.rstrip("/")
    return urljoin(f"{base}/", f"dags/{dag_id}/runs/{run_id}")


def _run_id(date: datetime | None, run_after: datetime | None) -> str:
    moment = run_after or date or datetime.now(UTC)
    return DagRun.generate_run_id(run_type=RunType.MANUAL, logical_date=date, run_after=moment)


def _conf(task_id: str, conf: Any) -> dict[str, Any]:
    """A run's conf: JSON, or a template that renders to it. Raises ValueError."""
    try:
        if isinstance(conf, str) and conf:
            conf = json.loads(conf)
        json.dumps(conf)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"TriggerDagRunOperator {task_id!r}: conf must be JSON: {error}"
        ) from error
    return conf or {}


def _parsed(value: str | datetime | None) -> datetime | None:
    """A date that is rendered by now. Raises ValueError."""
    if value is None or value in ("", "None"):
        return None
    return timezone.plain_utc(timezone.parse(value) if isinstance(value, str) else value)


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

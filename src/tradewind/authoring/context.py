"""The context: what templates, functions and callbacks of a running try can use."""

import functools
import os
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tradewind.authoring import configuration, macros, old_dates
from tradewind.authoring import host as hosts
from tradewind.authoring.connections import ConnectionAccessor
from tradewind.authoring.dag import DAG
from tradewind.authoring.host import Host
from tradewind.authoring.later import Unavailable
from tradewind.authoring.lazy import LazyModule
from tradewind.authoring.lazy_value import LazyValue
from tradewind.authoring.meanings import profile_of
from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.params import with_conf
from tradewind.authoring.run_facts import DagRun
from tradewind.authoring.task_context import TaskContext
from tradewind.authoring.task_instance import RuntimeTaskInstance, previous_run
from tradewind.authoring.templating import ds, ds_nodash, ts, ts_nodash, ts_nodash_with_tz
from tradewind.authoring.variables import VariableAccessor
from tradewind.model.attempts import Attempt
from tradewind.model.states import RunState

if TYPE_CHECKING:
    from tradewind.authoring import asset_events
else:
    asset_events = LazyModule("tradewind.authoring.asset_events")

Context = dict[str, Any]

_current: ContextVar[Context | None] = ContextVar("context", default=None)


class VariableNamespace:
    """`var` in templates."""

    value = VariableAccessor(deserialize_json=False)
    json = VariableAccessor(deserialize_json=True)


def build(
    attempt: Attempt,
    task: BaseOperator,
    dag: DAG,
    ti: RuntimeTaskInstance | None = None,
    host: Host | None = None,
) -> Context:
    """The context of one try; without `host` the process's own answers.

    Raises ParamValidationError where the run's conf does not fit the params.
    """
    host = host or hosts.current()
    profile, _ = profile_of(dag)
    is_old = profile == 2
    ti = ti or RuntimeTaskInstance(attempt, task, host, profile=profile)
    run = ti.dag_run
    facts: dict[str, Any] = {
        "asset_state_store": Unavailable("asset_state_store"),
        "conn": ConnectionAccessor(),
        "dag": dag,
        "dag_run": run,
        "expanded_ti_count": None,
        "inlets": task.inlets,
        "macros": macros,
        "map_index_template": task.map_index_template,
        "outlets": task.outlets,
        "params": _params(task, run),
        "partition_date": None,
        "partition_key": None,
        "run_id": run.run_id,
        "task": task,
        "task_instance": ti,
        "task_instance_key_str": f"{dag.dag_id}__{task.task_id}__{run.run_id}",
        "task_reschedule_count": attempt.reschedules,
        "task_state_store": Unavailable("task_state_store"),
        "templates_dict": None,
        "test_mode": False,
        "ti": ti,
        "try_number": attempt.try_number,
        "var": VariableNamespace(),
    }
    facts |= _asset_events(task, run, host)
    success = _LastSuccess(run, host)
    facts |= success.facts()
    if run.logical_date is not None:
        facts |= _dates(run, dag, task)
    context = TaskContext(facts)
    if run.logical_date is not None:
        old = functools.partial(
            old_dates.values, run, dag, facts["params"], lambda: success.date_with(task)
        )
        if is_old:
            context |= old()
        else:
            context.old = old
    ti._context = context
    return context


def _params(task: BaseOperator, run: DagRun) -> dict[str, Any]:
    conf = run.conf if configuration.current().core.dag_run_conf_overrides_params else {}
    return with_conf(task.params, conf).dump() if conf or task.params else {}


def _asset_events(task: BaseOperator, run: DagRun, host: Host) -> Context:
    """Made when somebody asks for them: few tasks do."""

    def make(name: str) -> Any:
        made = asset_events.accessors(task.inlets, task.outlets, run.dag_id, run.run_id, host)
        return made[name]()

    run.consumed_asset_events = LazyValue(
        lambda: asset_events.consumed(run.dag_id, run.run_id, host)
    )
    names = ("inlet_events", "outlet_events", "triggering_asset_events")
    return {name: LazyValue(functools.partial(make, name)) for name in names}


def _dates(run: DagRun, dag: DAG, task: BaseOperator) -> Context:
    day = ds_nodash(run.logical_date)
    return {
        "data_interval_end": run.data_interval_end,
        "data_interval_start": run.data_interval_start,
        "ds": ds(run.logical_date),
        "ds_nodash": day,
        "logical_date": run.logical_date,
        "task_instance_key_str": f"{dag.dag_id}__{task.task_id}__{day}",
        "ts": ts(run.logical_date),
        "ts_nodash": ts_nodash(run.logical_date),
        "ts_nodash_with_tz": ts_nodash_with_tz(run.logical_date),
    }


class _LastSuccess:
    """Facts of the last run that succeeded before this one; asked for on first use."""

    def __init__(self, run: DagRun, host: Host) -> None:
        self._run = run
        self._host = host
        self._found: list[Any] = []

    def fact(self, name: str) -> Any:
        """One of them, or None."""
        before = self._run.logical_date or self._run.run_after
        assert before is not None
        if not self._found:
            found = previous_run(self._host, self._run.dag_id, before, RunState.SUCCESS.value)
            self._found.append(found)
        return getattr(self._found[0], name, None) if self._found[0] is not None else None

    def date_with(self, task: BaseOperator) -> Any:
        """Its logical date, where it had this task."""
        date = self.fact("logical_date")
        if date is None or task.start_date is None or date >= task.start_date:
            return date
        return None

    def facts(self) -> dict[str, Any]:
        """As the context has them."""
        names = {"prev_start_date_success": "start_date", "prev_end_date_success": "end_date"}
        if self._run.logical_date is not None:
            names |= {
                "prev_data_interval_start_success": "data_interval_start",
                "prev_data_interval_end_success": "data_interval_end",
            }
        return {key: LazyValue(functools.partial(self.fact, name)) for key, name in names.items()}


@contextmanager
def activate(context: Context) -> Iterator[Context]:
    """Make `context` the one that get_current_context() gives, within a `with`."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def get_current_context() -> Context:
    """The context of the task that is running. Raises RuntimeError outside one."""
    context = _current.get()
    if context is None:
        raise RuntimeError(
            "get_current_context() was called outside a running task: "
            "call it in the task's function, not while the DAG file is loaded"
        )
    return context


_EXPORTED: dict[str, tuple[str, str]] = {
    "AIRFLOW_CTX_DAG_EMAIL": ("task", "email"),
    "AIRFLOW_CTX_DAG_OWNER": ("task", "owner"),
    "AIRFLOW_CTX_DAG_ID": ("task_instance", "dag_id"),
    "AIRFLOW_CTX_TASK_ID": ("task_instance", "task_id"),
    "AIRFLOW_CTX_LOGICAL_DATE": ("dag_run", "logical_date"),
    "AIRFLOW_CTX_TRY_NUMBER": ("task_instance", "try_number"),
    "AIRFLOW_CTX_DAG_RUN_ID": ("dag_run", "run_id"),
}
"""What of the context each is, and which attribute of it."""


def context_to_airflow_vars(
    context: Mapping[str, Any], in_env_var_format: bool = False
) -> dict[str, str]:
    """The names of the running try, as environment variables or as `airflow.ctx.` keys.

    What the context does not have is left out: it may be one that a test has made.
    """
    found = {
        name: _as_text(getattr(context.get(part), attribute, None))
        for name, (part, attribute) in _EXPORTED.items()
    }
    return {
        name if in_env_var_format else name.lower().replace("airflow_ctx_", "airflow.ctx."): value
        for name, value in found.items()
        if value
    }


AIRFLOW_VAR_NAME_FORMAT_MAPPING: dict[str, dict[str, str]] = {
    name.replace("_CTX_", "_CONTEXT_"): {
        "default": name.lower().replace("airflow_ctx_", "airflow.ctx."),
        "env_var_format": name,
    }
    for name in _EXPORTED
}
"""The names under which `context_to_airflow_vars` gives each thing."""
DEFAULT_FORMAT_PREFIX = "airflow.ctx."
ENV_VAR_FORMAT_PREFIX = "AIRFLOW_CTX_"


def context_merge(context: MutableMapping[str, Any], *additions: Any, **more: Any) -> None:
    """Put further things into the context: one mapping or pairs, and keywords."""
    if len(additions) > 1:
        raise TypeError(f"context_merge takes at most one mapping beside, not {len(additions)}")
    for addition in additions:
        context.update(addition)
    context.update(more)


def export_names(context: Mapping[str, Any]) -> None:
    """Put the names of the running try into this process's environment."""
    os.environ.update(context_to_airflow_vars(context, in_env_var_format=True))


def _as_text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple | set):
        return ",".join(map(str, value))
    return "" if not value else str(value)

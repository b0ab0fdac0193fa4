"""Attributes that DAGs, runs and task instances had in 1.10 and 2.x: served in profile 2 only."""

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tradewind.authoring import meanings
from tradewind.authoring.host import Host
from tradewind.authoring.old_names import cron_presets
from tradewind.authoring.run_facts import moment
from tradewind.authoring.timezone import plain_utc
from tradewind.model.intervals import RunInfo
from tradewind.model.requests import TaskStatesOf
from tradewind.model.states import RunState

if TYPE_CHECKING:
    from tradewind.authoring.dag import DAG
    from tradewind.authoring.run_facts import DagRun
    from tradewind.authoring.task_instance import RuntimeTaskInstance


class TaskInstanceKey(NamedTuple):
    """What names a try."""

    dag_id: str
    task_id: str
    run_id: str
    try_number: int
    map_index: int


class TaskInstanceState:
    """Another task instance of a run: what a task may know of it."""

    def __init__(self, run: Any, dag_id: str, task_id: str, state: str | None) -> None:
        self.dag_id = dag_id
        self.task_id = task_id
        self.run_id: str = run.run_id
        self.execution_date: datetime | None = run.logical_date
        self.state = state

    def current_state(self) -> str | None:
        """Its state when it was asked for."""
        return self.state

    def __repr__(self) -> str:
        return f"<TaskInstance {self.dag_id}.{self.task_id} {self.run_id} [{self.state}]>"


def following_schedule(dag: "DAG", date: datetime) -> datetime | None:
    """The logical date after `date`."""
    timetable = meanings.timetable_of(dag)
    start = plain_utc(date)
    info = timetable.next_run(last=None, earliest=start, latest=None, catchup=True, now=start)
    if info is not None and info.logical_date == start:
        last = RunInfo(info.run_after, info.data_interval)
        info = timetable.next_run(last=last, earliest=None, latest=None, catchup=True, now=start)
    return None if info is None else moment(info.logical_date)


def previous_schedule(dag: "DAG", date: datetime) -> datetime | None:
    """The logical date before `date`."""
    return moment(meanings.timetable_of(dag).previous(plain_utc(date)))


def _normalized(dag: "DAG") -> Any:
    schedule = meanings.schedule_of(dag)
    if schedule == "@once":
        return None
    return cron_presets.get(schedule, schedule) if isinstance(schedule, str) else schedule


_OF_DAG: Mapping[str, Callable[["DAG"], Any]] = {
    "concurrency": lambda dag: dag.max_active_tasks,
    "default_view": lambda dag: "grid",
    "fail_stop": lambda dag: dag.fail_fast,
    "filepath": lambda dag: Path(dag.fileloc).name,
    "following_schedule": lambda dag: lambda date: following_schedule(dag, date),
    "full_filepath": lambda dag: dag.fileloc,
    "is_subdag": lambda dag: False,
    "normalized_schedule_interval": _normalized,
    "orientation": lambda dag: "LR",
    "parent_dag": lambda dag: None,
    "previous_schedule": lambda dag: lambda date: previous_schedule(dag, date),
    "schedule_interval": meanings.schedule_of,
    "subdags": lambda dag: [],
}


def of_dag(dag: "DAG", name: str) -> Any:
    """The old attribute `name`. Raises AttributeError for another one, and in profile 3."""
    if name in _OF_DAG and meanings.profile_of(dag)[0] == 2:
        return _OF_DAG[name](dag)
    raise AttributeError(f"{type(dag).__name__!r} object has no attribute {name!r}")


_OF_INSTANCE: Mapping[str, Callable[["RuntimeTaskInstance"], Any]] = {
    "duration": lambda ti: _duration(ti),
    "execution_date": lambda ti: ti.dag_run.logical_date,
    "get_dagrun": lambda ti: lambda *_: ti.dag_run,
    "get_previous_execution_date": lambda ti: lambda state=None: _date(_previous(ti, state)),
    "get_previous_ti": lambda ti: lambda state=None: _previous(ti, state),
    "job_id": lambda ti: None,
    "key": lambda ti: TaskInstanceKey(
        ti.dag_id, ti.task_id, ti.run_id, ti.try_number, ti.map_index
    ),
    "logical_date": lambda ti: ti.dag_run.logical_date,
    "note": lambda ti: None,
    "operator": lambda ti: ti.task.task_type,
    "pid": lambda ti: os.getpid(),
    "pool": lambda ti: ti.task.pool,
    "pool_slots": lambda ti: ti.task.pool_slots,
    "previous_execution_date_success": lambda ti: _date(_previous(ti, RunState.SUCCESS.value)),
    "previous_ti": lambda ti: _previous(ti, None),
    "previous_ti_success": lambda ti: _previous(ti, RunState.SUCCESS.value),
    "priority_weight": lambda ti: ti.task.priority_weight,
}


def of_instance(ti: "RuntimeTaskInstance", name: str) -> Any:
    """The old attribute `name` of the running try. Raises KeyError for another one."""
    return _OF_INSTANCE[name](ti)


def _duration(ti: "RuntimeTaskInstance") -> float | None:
    if ti.start_date is None:
        return None
    return ((ti.end_date or datetime.now(UTC)) - ti.start_date).total_seconds()


def _previous(ti: "RuntimeTaskInstance", state: str | None) -> TaskInstanceState | None:
    """The same task in the run before this one; with `state`, in the last run that ended so."""
    run = ti.get_previous_dagrun(state)
    if run is None:
        return None
    states = _states(ti._host, ti.dag_id, run.run_id)
    if ti.task_id not in states:
        return None
    return TaskInstanceState(run, ti.dag_id, ti.task_id, states[ti.task_id])


def _date(instance: TaskInstanceState | None) -> datetime | None:
    return None if instance is None else instance.execution_date


def instances(
    run: "DagRun", host: Host, state: str | Iterable[str] | None = None
) -> list[TaskInstanceState]:
    """The task instances of a run, of some states only if asked so."""
    wanted = None if state is None else {state} if isinstance(state, str) else set(state)
    return [
        TaskInstanceState(run, run.dag_id, task_id, now)
        for task_id, now in _states(host, run.dag_id, run.run_id).items()
        if wanted is None or now in wanted
    ]


def _states(host: Host, dag_id: str, run_id: str) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = host.ask(
        TaskStatesOf(dag_id=dag_id, run_ids=(run_id,), task_ids=())
    )
    return found.get(run_id, {})

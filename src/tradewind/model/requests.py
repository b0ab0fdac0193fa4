"""What user code may ask while it runs or is parsed. Every answer is JSON data.

A task or parse process has no database: its host carries these to a process that has, where
`storage.answers` answers them, all in one place.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class GetVariable:
    """Answer: the value as text, or None."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableKeys:
    """Answer: the sorted keys that start with `prefix`."""

    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetVariable:
    """Answer: None. The value is text."""

    key: str
    value: str
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteVariable:
    """Answer: None, also where there was none."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GetConnection:
    """Answer: {conn_id, conn_type, description, host, schema, login, port, password, extra}
    or None; `extra` is JSON text."""

    conn_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullXCom:
    """Answer: [[task_id, map_index, value], ...] in the order of `task_ids`, then map_index."""

    dag_id: str
    run_id: str
    key: str = "return_value"
    task_ids: tuple[str, ...] = ()
    """Empty: any task of the run."""
    map_indexes: tuple[int, ...] = ()
    """Empty: every map index."""
    include_prior_dates: bool = False
    """Also earlier runs, by logical date, where this one has none; the latest wins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousRun:
    """The latest run of the DAG before a logical date. Answer: {run_id, run_type, state,
    logical_date, data_interval_start, data_interval_end, start_date, end_date} or None."""

    dag_id: str
    before: datetime
    state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStateOf:
    """Answer: the state of a run, or None if there is none."""

    dag_id: str
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStatesOf:
    """Answer: {run_id: {task_id, or task_id_mapindex if mapped: state}}."""

    dag_id: str
    run_ids: tuple[str, ...] = ()
    task_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AllIsStored:
    """Asked by a supervisor of a task that has said much. Answer: None, as soon as all that the
    task has said before is in the database."""


Request = (
    GetVariable
    | VariableKeys
    | SetVariable
    | DeleteVariable
    | GetConnection
    | PullXCom
    | PreviousRun
    | RunStateOf
    | TaskStatesOf
    | AllIsStored
)

REQUESTS: dict[str, type[Any]] = {
    cls.__name__: cls
    for cls in (
        GetVariable,
        VariableKeys,
        SetVariable,
        DeleteVariable,
        GetConnection,
        PullXCom,
        PreviousRun,
        RunStateOf,
        TaskStatesOf,
        AllIsStored,
    )
}
"""By the name they travel under."""

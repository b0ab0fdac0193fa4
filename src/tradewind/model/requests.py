"""What user code may ask while it runs or is parsed. Every answer is JSON data.

A task or parse process has no database: its host carries these to a process that has, where
`storage.answers` answers them, all in one place.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tradewind.model.human_input import Form


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
    key: str | None = "return_value"
    """None: any; the one pushed last counts."""
    task_ids: tuple[str, ...] = ()
    """Empty: any task of the run."""
    map_indexes: tuple[int, ...] = ()
    """Empty: every map index."""
    include_prior_dates: bool = False
    """Also earlier runs, by logical date, where this one has none; the latest wins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class XComItems:
    """The items of a task's output: those of the list that it pushed, or the values that its mapped
    instances pushed, by map index. Answer: {"count": how many there are, "items": those from
    `start` to before `stop`}, or {"whole": value} for a value that is no list."""

    dag_id: str
    run_id: str
    task_id: str
    key: str = "return_value"
    start: int = 0
    stop: int = 0


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
class TasksOf:
    """Which task instances of a DAG a request is about; what is empty or None leaves all.

    With both `task_ids` and `task_group_id` those of either. Refused where the DAG has no such
    group."""

    dag_id: str
    run_ids: tuple[str, ...] = ()
    logical_dates: tuple[datetime, ...] = ()
    task_ids: tuple[str, ...] = ()
    task_group_id: str | None = None
    map_index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStatesOf(TasksOf):
    """Answer: {run_id: {task_id, or task_id_mapindex if mapped: state, or None before it has one}}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCount(TasksOf):
    """Answer: how many there are, in one of `states` if any are given."""

    states: tuple[str, ...] = ()
    """`none` is that of a task instance that has none yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCount:
    """Answer: how many runs of a DAG there are; what is empty leaves all."""

    dag_id: str
    run_ids: tuple[str, ...] = ()
    logical_dates: tuple[datetime, ...] = ()
    states: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousTask:
    """The latest task instance of a task, in a run before a logical date. Answer: {task_id, dag_id,
    run_id, logical_date, start_date, end_date, state, try_number, map_index, duration} or None."""

    dag_id: str
    task_id: str
    map_index: int = -1
    before: datetime | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Breadcrumbs:
    """The finished task instances of a run. Answer: [{task_id, map_index, state, operator,
    duration}, ...] by task_id and map_index."""

    dag_id: str
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DagOf:
    """A DAG as it is now. Answer: {dag_id, is_paused, bundle_name, relative_fileloc, owners, tags,
    tasks: [task_id, ...], groups: [group_id, ...]}, or None if no file has such a DAG."""

    dag_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeRun:
    """Make a run of a DAG, as its users do. Answer as that of every request that is carried out like
    a user's command: {applied, status, reason}; status 409 where the name or date is taken."""

    dag_id: str
    run_id: str
    logical_date: datetime | None = None
    run_after: datetime | None = None
    conf: dict[str, Any] = field(default_factory=dict)
    note: str | None = None
    triggering_user_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearRun:
    """Run all of a run again, as its users do. Answer as that of MakeRun."""

    dag_id: str
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskInput:
    """Ask a person, in the name of the attempt that says this. Answer as that of MakeRun."""

    form: Form


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerInput:
    """Answer, in nobody's name, what the attempt of a token asks a person. Answer as that of MakeRun."""

    token: str
    chosen_options: tuple[str, ...]
    params_input: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryOf:
    """What the attempt of a token asked a person. Answer: {chosen_options, params_input,
    responded_at, responded_by_user: {id, name} or None}, the first three None before there is an
    answer; or None if it asked nothing."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetOf:
    """An asset by its name, or its URI. Answer: {id, name, uri, group, extra}, or None."""

    name: str | None = None
    uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetEventsOf:
    """Events of an asset, or of all that an alias stood for when they were made. Answer: [{id,
    timestamp, extra, asset: {name, uri, group, extra}, source_dag_id, source_run_id,
    source_task_id, source_map_index, source_aliases}, ...]."""

    name: str | None = None
    uri: str | None = None
    alias: str | None = None
    after: datetime | None = None
    before: datetime | None = None
    ascending: bool = True
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumedEvents:
    """The events of assets that a run was made for. Answer as that of AssetEventsOf."""

    dag_id: str
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimetableQuestions:
    """What is to be asked of the timetables of DAGs, which are their author's own. Answer:
    {"until": up to when runs are wanted (null: those due and the next), "questions": [[dag_id, question], ...]}."""

    dag_ids: tuple[str, ...]


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
    | XComItems
    | PreviousRun
    | RunStateOf
    | TaskStatesOf
    | TaskCount
    | RunCount
    | PreviousTask
    | Breadcrumbs
    | DagOf
    | MakeRun
    | ClearRun
    | AskInput
    | AnswerInput
    | InquiryOf
    | AssetOf
    | AssetEventsOf
    | ConsumedEvents
    | TimetableQuestions
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
        XComItems,
        PreviousRun,
        RunStateOf,
        TaskStatesOf,
        TaskCount,
        RunCount,
        PreviousTask,
        Breadcrumbs,
        DagOf,
        MakeRun,
        ClearRun,
        AskInput,
        AnswerInput,
        InquiryOf,
        AssetOf,
        AssetEventsOf,
        ConsumedEvents,
        TimetableQuestions,
        AllIsStored,
    )
}
"""By the name they travel under."""

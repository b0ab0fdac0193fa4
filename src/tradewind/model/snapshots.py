"""Rows as values: what `storage` reads and writes and `core` decides on. Moments are UTC."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tradewind.model.assets import AssetsSnapshot
from tradewind.model.commands import Command
from tradewind.model.deferral import Waiting
from tradewind.model.human_input import Inquiry
from tradewind.model.intervals import DataInterval, RunInfo
from tradewind.model.keys import RunKey, TaskKey
from tradewind.model.plan import Plan
from tradewind.model.states import RunState, RunType, TaskState


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSnapshot:
    """One task instance with the facts of its latest try."""

    key: TaskKey
    state: TaskState = TaskState.NONE
    try_number: int = 0
    """0 until it is first scheduled; then +1 per real start."""
    max_tries: int = 0
    """Retries it may still use: a failed try is retried while try_number <= max_tries."""
    token: str | None = None
    """Names the try that may report; None while none is under way."""
    scheduled_at: datetime | None = None
    queued_at: datetime | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    due_at: datetime | None = None
    """When it may go on: retry or reschedule time."""
    reschedules: int = 0
    """How often this try has asked to be called again."""
    code_hash: str | None = None
    hostname: str | None = None
    pid: int | None = None
    cpu_s: float | None = None
    max_rss_kib: int | None = None
    exit_reason: str | None = None
    """Why the latest try ended as it did: last line of the error, `exit code 3`, `lost`."""
    map_length: int | None = None
    """How many items what it returned gives to those who are expanded over it: of a mapped task
    instance one. None: it returned nothing, or nobody asks."""
    rendered_map_index: str | None = None
    """What its map_index_template renders to."""
    # fixed when the run is created, repeated here so that lists can filter by them:
    operator: str = "BaseOperator"
    pool: str = "default_pool"
    pool_slots: int = 1
    queue: str = "default"
    executor: str | None = None
    priority_weight: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSnapshot:
    """One run with its task instances (empty where only the run was asked for)."""

    key: RunKey
    run_type: RunType
    state: RunState
    version: int
    """Plan version the run is pinned to."""
    run_after: datetime
    logical_date: datetime | None = None
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None
    queued_at: datetime | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    conf: dict[str, Any] = field(default_factory=dict)
    triggered_by: str = "timetable"
    triggering_user_name: str | None = None
    note: str | None = None
    backfill_id: int | None = None
    sort_ordinal: int | None = None
    """Place within its backfill, from 1."""
    clear_number: int = 0
    tasks: tuple[TaskSnapshot, ...] = ()
    choices: tuple[tuple[str, int, Any], ...] = ()
    """(task_id, map_index, value) of the XComs that say which tasks are to run; with `tasks`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DagSnapshot:
    """The latest version of one DAG and what the scheduler must know of it besides the Plan."""

    plan: Plan
    version: int
    code_hash: str
    fileloc: str
    """Absolute path of the file (a zip's path for a DAG inside it)."""
    relative_fileloc: str = ""
    is_paused: bool = True
    is_stale: bool = False
    last_automated: DataInterval | None = None
    """Data interval of the last run its schedule made (zero-width where runs have none)."""
    last_run_after: datetime | None = None
    next_run: RunInfo | None = None
    """As the scheduler last worked it out; for what only looks."""
    failed_in_a_row: int = 0
    """How many of its latest runs failed, up to `max_consecutive_failed_dag_runs`; looked up when
    a scheduler starts, which counts on by itself."""


@dataclass(frozen=True, slots=True)
class PoolSnapshot:
    """A pool; `slots` of -1 means without limit."""

    name: str
    slots: int
    include_deferred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillSnapshot:
    """A request to make and run every scheduled run of an interval."""

    backfill_id: int
    dag_id: str
    from_date: datetime
    to_date: datetime
    """Inclusive."""
    max_active_runs: int = 10
    reprocess_behavior: str = "none"
    """`none`, `failed` or `completed`: which existing runs are cleared and run again."""
    run_backwards: bool = False
    conf: dict[str, Any] = field(default_factory=dict)
    is_paused: bool = False
    ignore_dag_pause: bool = False
    """True: its runs go on while the DAG is paused (the command form of 1.10 and 2.x)."""
    created_at: datetime
    completed_at: datetime | None = None
    next_ordinal: int = 1
    cursor: datetime | None = None
    """run_after of the last run made; None before the first."""
    all_made: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSnapshot:
    """All that a scheduler loads when it starts."""

    epoch: int
    dags: tuple[DagSnapshot, ...]
    plans: tuple[tuple[str, int, Plan], ...] = ()
    """(dag_id, version, Plan) of older versions that unfinished runs are pinned to."""
    runs: tuple[RunSnapshot, ...] = ()
    """Every unfinished run, with all its task instances, and those that `taken` concern."""
    waiting: tuple[Waiting, ...] = ()
    """Their task instances that wait without a process, or go on after that."""
    inquiries: tuple[Inquiry, ...] = ()
    """What those of them that run or wait ask a person."""
    pools: tuple[PoolSnapshot, ...] = ()
    backfills: tuple[BackfillSnapshot, ...] = ()
    next_backfill_id: int = 1
    assets: AssetsSnapshot = field(default_factory=AssetsSnapshot)
    taken: tuple[tuple[str, Command, int], ...] = ()
    """Commands half carried out: (command_id, command, how much of it is done)."""
    unreadable: tuple[tuple[str, str], ...] = ()
    """Those that a program of another version began: (command_id, why nobody can go on)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunQuery:
    """Rows outside memory that an event concerns; the shell loads them before `decide`."""

    dag_id: str
    run_ids: tuple[str, ...] = ()
    logical_dates: tuple[datetime, ...] = ()
    logical_date_gte: datetime | None = None
    logical_date_lte: datetime | None = None
    """The bounds together name every run in between; a lone bound is open on the other side."""
    with_before: bool = False
    """Also the run before each of them and of `logical_dates`, the one with the latest earlier
    logical date; once of all runs, and once of those that nobody made by hand."""

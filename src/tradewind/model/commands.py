"""What users ask for. API and CLI leave these in the inbox; the scheduler answers each once."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tradewind.model.assets import AssetKey, AssetUpdate
from tradewind.model.deferral import Word
from tradewind.model.human_input import Form, Person
from tradewind.model.keys import TaskKey
from tradewind.model.states import RunState, TaskState
from tradewind.model.timetable_questions import TimetableAnswer, TimetableQuestion


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerRun:
    """Make one run now. Answer: {"run_id": ...}; refused if run_id or logical_date is taken."""

    dag_id: str
    run_id: str
    run_after: datetime | None
    """None: when its data interval ends; then it must have a logical date."""
    logical_date: datetime | None = None
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None
    """Both or neither; neither: inferred by the timetable when there is a logical_date."""
    conf: dict[str, Any] = field(default_factory=dict)
    note: str | None = None
    triggered_by: str = "rest_api"
    triggering_user_name: str | None = None
    materializes: bool = False
    """Whether it was asked for because of the asset that the DAG writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearTasks:
    """Run task instances again. Answer: {"task_instances": [[run_id, task_id, map_index], ...]}.

    Runs are named by `run_ids`, or by the range of logical dates, or all of the DAG's.
    """

    dag_id: str
    run_ids: tuple[str, ...] = ()
    start_date: datetime | None = None
    end_date: datetime | None = None
    task_ids: tuple[str, ...] = ()
    """Empty: every task, unless `instances` names some."""
    instances: tuple[tuple[str, int], ...] = ()
    """(task_id, map_index) of mapped task instances."""
    include_upstream: bool = False
    include_downstream: bool = False
    include_past: bool = False
    include_future: bool = False
    only_failed: bool = False
    only_running: bool = False
    only_new: bool = False
    """Clear none: only have the runs take up tasks that are new in the newest version."""
    reset_dag_runs: bool = True
    run_on_latest_version: bool = False
    prevent_running_task: bool = False
    """Refuse if one of those chosen is running or about to."""
    dry_run: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearListed:
    """What is left of a command that clears, worked out: `core` makes it, users do not."""

    dag_id: str
    tasks: tuple[tuple[str, str, int], ...]
    """(run_id, task_id, map_index), run by run, each in topological order."""
    reset_dag_runs: bool = True
    note: str | None = None
    reason: str = "cleared by a user"
    told: tuple[tuple[str, str, int], ...] | None = None
    """What the answer lists; None for `tasks`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkRun:
    """Make a run of the newest version that runs from `task_ids` on, and shares what the other tasks
    did in run `run_id`, with its conf and data interval.

    Answer: {"run_id": ..., "shared": [[run_id, task_id, map_index], ...] of the old run,
    "task_ids": [tasks that run]}.
    """

    dag_id: str
    run_id: str
    new_run_id: str
    task_ids: tuple[str, ...]
    run_after: datetime
    logical_date: datetime | None = None
    note: str | None = None
    triggered_by: str = "rest_api"
    triggering_user_name: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchRun:
    """Set a run's state (success, failed; queued clears it) or its note. Answer: {}."""

    dag_id: str
    run_id: str
    state: RunState | None = None
    note: str | None = None
    set_note: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkTask:
    """Set task instances to success, failed or skipped, or note something on them; what failed
    downstream of those that are set gets another chance. Answer as ClearTasks: those whose state
    changes.
    """

    dag_id: str
    run_id: str
    task_id: str
    map_index: int | None = -1
    """None: every instance of the task."""
    task_ids: tuple[str, ...] = ()
    """Further tasks, with every instance."""
    state: TaskState | None = TaskState.SUCCESS
    """None: only the note is written."""
    include_upstream: bool = False
    include_downstream: bool = False
    """Teardowns left out."""
    include_past: bool = False
    include_future: bool = False
    dry_run: bool = False
    note: str | None = None
    set_note: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkListed:
    """What is left of a command that marks, worked out: `core` makes it, users do not."""

    dag_id: str
    state: TaskState
    tasks: tuple[tuple[str, str, int], ...]
    """(run_id, task_id, map_index) of those that get the state."""
    again: tuple[tuple[str, str, int], ...]
    """Of those that begin anew then."""
    reason: str


class ReprocessBehavior(StrEnum):
    """Which existing runs a backfill clears and runs again."""

    NONE = "none"
    FAILED = "failed"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBackfill:
    """Make and run every scheduled run from `from_date` to `to_date`, both included.

    Answer: {"backfill_id": n}, or for a dry run {"runs": [[logical_date, run_after], ...]}.
    """

    dag_id: str
    from_date: datetime
    to_date: datetime
    max_active_runs: int = 10
    reprocess_behavior: str = "none"
    run_backwards: bool = False
    conf: dict[str, Any] = field(default_factory=dict)
    ignore_dag_pause: bool = False
    dry_run: bool = False
    triggering_user_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchBackfill:
    """Pause, go on with or cancel a backfill. Answer: {}."""

    backfill_id: int
    is_paused: bool | None = None
    cancel: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAssetEvent:
    """Say that an asset was written. Answer: {"event_id": n}."""

    update: AssetUpdate


@dataclass(frozen=True, slots=True, kw_only=True)
class DropQueuedEvents:
    """Forget what is queued for a DAG, or because of an asset, or both; with `before` only what is
    older. Answer: {"dropped": number of assets that are not queued for a DAG any more}."""

    dag_id: str | None = None
    asset: AssetKey | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerSaid:
    """A trigger's one word, left by the triggerer. Answer: {}; refused if nobody waits for it."""

    trigger: str
    key: TaskKey
    word: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class TimetableSaid:
    """What an author's timetable answered, left by the DAG processor. Answer: {}."""

    dag_id: str
    question: TimetableQuestion
    answer: TimetableAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPerson:
    """The attempt of this token asks a person. Answer: {}; refused if the attempt is over."""

    token: str
    form: Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Respond:
    """Answer what a task instance asks. Answer: {"responded_at": ...}; refused where nothing is asked (any more), for
    somebody who is not assigned, and for options that cannot be chosen."""

    key: TaskKey
    chosen_options: tuple[str, ...]
    params_input: dict[str, Any] = field(default_factory=dict)
    person: Person | None = None
    """None: nobody did in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RespondForNobody:
    """What a trigger answers, when nobody does in time, to what the attempt of this token asks. As Respond."""

    token: str
    chosen_options: tuple[str, ...]
    params_input: dict[str, Any]


Command = (
    TriggerRun
    | ClearTasks
    | ClearListed
    | ForkRun
    | PatchRun
    | MarkTask
    | MarkListed
    | CreateBackfill
    | PatchBackfill
    | CreateAssetEvent
    | DropQueuedEvents
    | TriggerSaid
    | TimetableSaid
    | AskPerson
    | Respond
    | RespondForNobody
)

COMMANDS: dict[str, type] = {
    cls.__name__: cls
    for cls in (
        TriggerRun,
        ClearTasks,
        ClearListed,
        ForkRun,
        PatchRun,
        MarkTask,
        MarkListed,
        CreateBackfill,
        PatchBackfill,
        CreateAssetEvent,
        DropQueuedEvents,
        TriggerSaid,
        TimetableSaid,
        AskPerson,
        Respond,
        RespondForNobody,
    )
}
"""By the name the inbox keeps them under."""

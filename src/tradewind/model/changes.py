"""What `decide` answers: rows to write and orders to give, each with its cause.

The shell commits every row of one turn in one transaction and gives the orders only after that.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tradewind.model.assets import AssetEvent, AssetKey
from tradewind.model.attempts import Attempt
from tradewind.model.commands import Command
from tradewind.model.deferral import Deferral, Waiting
from tradewind.model.human_input import Inquiry
from tradewind.model.intervals import RunInfo
from tradewind.model.keys import RunKey, TaskKey
from tradewind.model.parsed import Source
from tradewind.model.snapshots import BackfillSnapshot, RunSnapshot, TaskSnapshot
from tradewind.model.states import RunState, TaskState
from tradewind.model.timetable_questions import TimetableQuestion

# --- rows ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RunCreated:
    """A new run with its task instances; of very many, the first."""

    run: RunSnapshot
    reason: str


@dataclass(frozen=True, slots=True)
class TasksCreated:
    """More task instances of a run that was created just before."""

    run: RunKey
    tasks: tuple[TaskSnapshot, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class TaskExpanded:
    """A task instance that has not begun becomes many: its own row goes, theirs follow."""

    task: TaskKey
    length: int
    reason: str


@dataclass(frozen=True, slots=True)
class RunChanged:
    """A run's row, compared with `before` and then written whole (its tasks left out)."""

    before: RunState
    run: RunSnapshot
    reason: str


@dataclass(frozen=True, slots=True)
class TaskChanged:
    """A task instance's row, compared with (state, try_number) before and then written whole."""

    before: TaskState
    before_try: int
    task: TaskSnapshot
    reason: str


@dataclass(frozen=True, slots=True)
class TryArchived:
    """Keep the task instance's row as it stands as history: a further try is about to begin.

    Precedes the TaskChanged that begins it, which also forgets the rendered fields and makes
    the try's XComs invisible to others.
    """

    key: TaskKey
    try_number: int


@dataclass(frozen=True, slots=True)
class XComWritten:
    """A value, replacing one of the same key."""

    task: TaskKey
    key: str
    value: Any


@dataclass(frozen=True, slots=True)
class XComsCleared:
    """Forget all values of a task instance."""

    task: TaskKey


@dataclass(frozen=True, slots=True)
class XComsShared:
    """Give all values of tasks of one run to the same tasks of another, which has none of them."""

    of: RunKey
    to: RunKey
    task_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldsWritten:
    """The rendered template fields of a task instance's latest try."""

    task: TaskKey
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NoteWritten:
    """What a user notes on a task instance; None for nothing any more."""

    task: TaskKey
    note: str | None


@dataclass(frozen=True, slots=True)
class WaitWritten:
    """What a task instance waits for, or (None) that it has come and how the task goes on."""

    waiting: Waiting
    deferral: Deferral | None


@dataclass(frozen=True, slots=True)
class WaitOver:
    """Nothing is to be resumed: the try has ended, or was ended. Its trigger is cancelled."""

    task: TaskKey


@dataclass(frozen=True, slots=True)
class InquiryWritten:
    """What a try asks a person, with the answer once there is one."""

    inquiry: Inquiry


@dataclass(frozen=True, slots=True)
class SourceKept:
    """What an attempt runs, under its code_hash."""

    source: Source


@dataclass(frozen=True, slots=True)
class ScheduleMoved:
    """A DAG's schedule made a run or looked ahead anew."""

    dag_id: str
    last: RunInfo | None
    next: RunInfo | None


@dataclass(frozen=True, slots=True)
class TimetableAsked:
    """Have the process that reads DAG files ask a DAG's timetable, which is the author's own."""

    dag_id: str
    question: TimetableQuestion


@dataclass(frozen=True, slots=True)
class TimetableTold:
    """The answer has come."""

    dag_id: str
    question: TimetableQuestion


@dataclass(frozen=True, slots=True)
class BackfillWritten:
    """A backfill's row, inserted or written whole."""

    backfill: BackfillSnapshot
    reason: str


@dataclass(frozen=True, slots=True)
class AssetUpdated:
    """An event of an asset, and the DAGs for which it is queued."""

    event: AssetEvent
    queued_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventsConsumed:
    """A run takes all events that are queued for its DAG, up to one."""

    run: RunKey
    upto: int


@dataclass(frozen=True, slots=True)
class QueuedEventsDropped:
    """A DAG does not wait for events of an asset any more, those before a moment if one is given."""

    dag_id: str
    asset: AssetKey
    before: datetime | None


@dataclass(frozen=True, slots=True)
class DagPaused:
    """The scheduler itself pauses a DAG."""

    dag_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class CommandTaken:
    """A command is carried out over several turns, and can no longer be withdrawn.

    Should the scheduler end meanwhile, the next one goes on after `done` of it.
    """

    command_id: str
    done: int
    command: Command | None = None
    """As it has been worked out; None where that has been written before."""


@dataclass(frozen=True, slots=True)
class CommandAnswered:
    """The one answer to a command, and its removal from the inbox."""

    command_id: str
    applied: bool
    result: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    """Why it was refused."""
    status: int = 200
    """HTTP status for a refusal: 400, 404 or 409."""


# --- orders, given after the commit -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Hand an attempt to its executor."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Kill:
    """End an attempt's processes; whatever it still reports is refused."""

    token: str
    reason: str


@dataclass(frozen=True, slots=True)
class EndAcknowledged:
    """Tell the supervisor that the end of an attempt is on disk, and what became of the task."""

    token: str
    state: TaskState


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Call again with a Tick at this time at the latest."""

    at: datetime


@dataclass(frozen=True, slots=True)
class TriggersChanged:
    """Have the triggerers look at which triggers are waited for."""


Row = (
    RunCreated
    | TasksCreated
    | TaskExpanded
    | RunChanged
    | TaskChanged
    | TryArchived
    | XComWritten
    | XComsCleared
    | XComsShared
    | FieldsWritten
    | NoteWritten
    | WaitWritten
    | WaitOver
    | InquiryWritten
    | SourceKept
    | ScheduleMoved
    | TimetableAsked
    | TimetableTold
    | BackfillWritten
    | AssetUpdated
    | EventsConsumed
    | QueuedEventsDropped
    | DagPaused
    | CommandTaken
    | CommandAnswered
)
Order = Dispatch | Kill | EndAcknowledged | WakeAt | TriggersChanged
Change = Row | Order

__all__ = [
    "AssetUpdated",
    "BackfillWritten",
    "Change",
    "CommandAnswered",
    "CommandTaken",
    "DagPaused",
    "Dispatch",
    "EndAcknowledged",
    "EventsConsumed",
    "FieldsWritten",
    "InquiryWritten",
    "Kill",
    "NoteWritten",
    "Order",
    "QueuedEventsDropped",
    "Row",
    "RunChanged",
    "RunCreated",
    "ScheduleMoved",
    "SourceKept",
    "TaskChanged",
    "TaskExpanded",
    "TasksCreated",
    "TimetableAsked",
    "TimetableTold",
    "TriggersChanged",
    "TryArchived",
    "WaitOver",
    "WaitWritten",
    "WakeAt",
    "XComWritten",
    "XComsCleared",
    "XComsShared",
]

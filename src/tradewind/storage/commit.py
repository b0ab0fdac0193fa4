"""The one writer of run state: all rows of one turn of the scheduler, in its transaction.

What `decide` answered is sorted by table first, so that a turn costs one statement per kind of row
however many it has. Orders among the changes are the shell's business and passed over here.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tradewind.model.changes import (
    AssetUpdated,
    BackfillWritten,
    Change,
    CommandAnswered,
    CommandTaken,
    DagPaused,
    EventsConsumed,
    FieldsWritten,
    InquiryWritten,
    NoteWritten,
    QueuedEventsDropped,
    RunChanged,
    RunCreated,
    ScheduleMoved,
    SourceKept,
    TaskChanged,
    TaskExpanded,
    TasksCreated,
    TimetableAsked,
    TimetableTold,
    TryArchived,
    WaitOver,
    WaitWritten,
    XComsCleared,
    XComsShared,
    XComWritten,
)
from tradewind.model.errors import StaleWrite
from tradewind.model.human_input import Inquiry
from tradewind.model.keys import RunKey, TaskKey
from tradewind.model.snapshots import BackfillSnapshot, TaskSnapshot
from tradewind.storage import (
    assets,
    backfills,
    dags,
    events,
    human_input,
    inbox,
    leader,
    runs,
    schedules,
    sources,
    statements,
    tasks,
    timetable_questions,
    waiting,
    xcoms,
)
from tradewind.storage.tables import rendered_fields

_WRITE_FIELDS = statements.upsert(rendered_fields)


def lead(conn: sa.Connection, epoch: int, changes: Sequence[Change], now: datetime) -> None:
    """Write every row of one turn as the leader of `epoch`, in one round trip where it helps.

    Raises as `write` does, and StaleWrite if another leads by now.
    """
    with _told_as_stale(), statements.together(conn):
        leader.hold(conn, epoch)
        _write(conn, changes, now)


def write(conn: sa.Connection, changes: Sequence[Change], now: datetime) -> None:
    """Write every row of one turn, whoever leads.

    Raises StaleWrite if a row was not as the decision took it to be, Withdrawn if a command that
    is answered was taken back; the transaction must then be rolled back, the fleet rebuilt.
    """
    with _told_as_stale():
        _write(conn, changes, now)


def _write(conn: sa.Connection, changes: Sequence[Change], now: datetime) -> None:
    batch = _Batch()
    for change in changes:
        add = _ADD.get(type(change))
        if add is not None:
            add(batch, change)
    batch.write(conn, now)


@contextmanager
def _told_as_stale() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if statements.is_duplicate(error):
            raise StaleWrite(f"a row to be made is there already: {error}") from error
        raise


class _Batch:
    """One turn's rows by kind, with several changes of one row folded into one."""

    def __init__(self) -> None:
        self.taken: list[CommandTaken] = []
        self.answers: list[CommandAnswered] = []
        self.created: list[RunCreated] = []
        self.created_tasks: list[TaskSnapshot] = []
        self.runs: dict[RunKey, RunChanged] = {}
        self.tasks: dict[TaskKey, TaskChanged] = {}
        self.expanded: list[TaskKey] = []
        self.archived: list[tuple[TaskKey, int]] = []
        self.archived_as: list[TaskSnapshot] = []
        self.fields: dict[TaskKey, FieldsWritten] = {}
        self.forgotten_fields: list[TaskKey] = []
        self.xcoms: dict[tuple[TaskKey, str], XComWritten] = {}
        self.cleared: list[TaskKey] = []
        self.notes: dict[TaskKey, str | None] = {}
        self.shared: list[XComsShared] = []
        self.waits: dict[TaskKey, WaitWritten | WaitOver] = {}
        self.inquiries: dict[tuple[TaskKey, int], Inquiry] = {}
        self.schedules: dict[str, ScheduleMoved] = {}
        self.timetables: list[TimetableAsked | TimetableTold] = []
        self.backfills: dict[int, BackfillSnapshot] = {}
        self.assets: list[assets.AssetChange] = []
        self.paused: list[str] = []
        self.sources: list[SourceKept] = []
        self.log: list[events.Logged] = []

    def write(self, conn: sa.Connection, now: datetime) -> None:
        """Commands first: one that was withdrawn must leave no trace."""
        if self.taken:
            inbox.take(conn, self.taken)
        if self.answers:
            inbox.answer(conn, self.answers, now)
        if self.created:
            runs.create(conn, [made.run for made in self.created])
        if self.created_tasks:
            tasks.create(conn, self.created_tasks)
        if self.archived:
            tasks.archive(conn, self.archived)
        if self.archived_as:
            tasks.archive_as(conn, self.archived_as)
        if self.runs:
            runs.move(conn, list(self.runs.values()))
        if self.tasks:
            tasks.move(conn, list(self.tasks.values()))
        if self.expanded:
            tasks.remove(conn, self.expanded)
        self._write_what_tries_left(conn, now)
        if self.notes:
            tasks.write_notes(conn, self.notes)
        if self.waits:
            waiting.write(conn, self.waits.values(), now)
        if self.inquiries:
            human_input.write(conn, self.inquiries.values())
        for kept in self.sources:
            sources.record(conn, kept.source, now)
        if self.schedules:
            schedules.move(conn, list(self.schedules.values()))
        if self.timetables:
            timetable_questions.write(conn, self.timetables, now)
        if self.backfills:
            backfills.write(conn, list(self.backfills.values()))
        assets.write(conn, self.assets)
        for dag_id in self.paused:
            dags.set_paused(conn, dag_id, True)
        events.append(conn, self.log, now)

    def _write_what_tries_left(self, conn: sa.Connection, now: datetime) -> None:
        """Forget first: what is to stay was said after it."""
        if self.forgotten_fields:
            tasks.forget_fields(conn, self.forgotten_fields)
        if self.fields:
            _WRITE_FIELDS.run(
                conn,
                [
                    {**written.task._asdict(), "fields": written.fields}
                    for written in self.fields.values()
                ],
            )
        for shared in self.shared:
            xcoms.share(conn, shared)
        if self.cleared:
            xcoms.clear(conn, self.cleared)
        if self.xcoms:
            xcoms.write(conn, self.xcoms.values(), now)

    # --- one method per kind of change -----------------------------------------------------

    def add_taken(self, change: CommandTaken) -> None:
        self.taken.append(change)

    def add_answer(self, change: CommandAnswered) -> None:
        self.answers.append(change)

    def add_created(self, change: RunCreated) -> None:
        self.created.append(change)
        self.created_tasks.extend(change.run.tasks)
        self.log.append(change)

    def add_created_tasks(self, change: TasksCreated) -> None:
        self.created_tasks.extend(change.tasks)
        self.log.append(change)

    def add_run(self, change: RunChanged) -> None:
        earlier = self.runs.get(change.run.key)
        before = change.before if earlier is None else earlier.before
        self.runs[change.run.key] = RunChanged(before, change.run, change.reason)
        self.log.append(change)

    def add_task(self, change: TaskChanged) -> None:
        key = change.task.key
        earlier = self.tasks.get(key)
        self.tasks[key] = (
            change
            if earlier is None
            else TaskChanged(earlier.before, earlier.before_try, change.task, change.reason)
        )
        self.log.append(change)

    def add_expanded(self, change: TaskExpanded) -> None:
        self.expanded.append(change.task)
        self.log.append(change)

    def add_archived(self, change: TryArchived) -> None:
        """The row to keep is the database's, unless this very turn has changed it."""
        earlier = self.tasks.get(change.key)
        if earlier is not None and earlier.task.try_number == change.try_number:
            self.archived_as.append(earlier.task)
        else:
            self.archived.append((change.key, change.try_number))
        self.fields.pop(change.key, None)
        self.forgotten_fields.append(change.key)
        self.log.append(change)

    def add_fields(self, change: FieldsWritten) -> None:
        self.fields[change.task] = change

    def add_note(self, change: NoteWritten) -> None:
        self.notes[change.task] = change.note

    def add_xcom(self, change: XComWritten) -> None:
        self.xcoms[change.task, change.key] = change

    def add_cleared(self, change: XComsCleared) -> None:
        for place in [place for place in self.xcoms if place[0] == change.task]:
            del self.xcoms[place]
        self.cleared.append(change.task)

    def add_shared(self, change: XComsShared) -> None:
        """As the values are now: what this very turn did to them before is done to the copies."""
        self.shared.append(change)
        for key in [key for key in self.cleared if _is_shared(key, change)]:
            self.cleared.append(_copy_of(key, change))
        for (key, name), written in list(self.xcoms.items()):
            if _is_shared(key, change):
                copy = _copy_of(key, change)
                self.xcoms[copy, name] = XComWritten(copy, name, written.value)

    def add_wait(self, change: WaitWritten) -> None:
        self.waits[change.waiting.key] = change

    def add_wait_over(self, change: WaitOver) -> None:
        self.waits[change.task] = change

    def add_inquiry(self, change: InquiryWritten) -> None:
        inquiry = change.inquiry
        self.inquiries[inquiry.key, inquiry.try_number] = inquiry

    def add_source(self, change: SourceKept) -> None:
        self.sources.append(change)

    def add_schedule(self, change: ScheduleMoved) -> None:
        earlier = self.schedules.get(change.dag_id)
        last = change.last or (earlier.last if earlier else None)
        self.schedules[change.dag_id] = ScheduleMoved(change.dag_id, last, change.next)
        self.log.append(change)

    def add_timetable(self, change: TimetableAsked | TimetableTold) -> None:
        self.timetables.append(change)

    def add_backfill(self, change: BackfillWritten) -> None:
        self.backfills[change.backfill.backfill_id] = change.backfill
        self.log.append(change)

    def add_asset(self, change: assets.AssetChange) -> None:
        self.assets.append(change)

    def add_paused(self, change: DagPaused) -> None:
        self.paused.append(change.dag_id)
        self.log.append(change)


def _is_shared(key: TaskKey, change: XComsShared) -> bool:
    return key.run == change.of and key.task_id in change.task_ids


def _copy_of(key: TaskKey, change: XComsShared) -> TaskKey:
    return TaskKey(*change.to, key.task_id, key.map_index)


_ADD: dict[type, Callable[[_Batch, Any], None]] = {
    CommandTaken: _Batch.add_taken,
    CommandAnswered: _Batch.add_answer,
    RunCreated: _Batch.add_created,
    TasksCreated: _Batch.add_created_tasks,
    RunChanged: _Batch.add_run,
    TaskChanged: _Batch.add_task,
    TaskExpanded: _Batch.add_expanded,
    TryArchived: _Batch.add_archived,
    FieldsWritten: _Batch.add_fields,
    NoteWritten: _Batch.add_note,
    XComWritten: _Batch.add_xcom,
    XComsCleared: _Batch.add_cleared,
    XComsShared: _Batch.add_shared,
    WaitWritten: _Batch.add_wait,
    WaitOver: _Batch.add_wait_over,
    InquiryWritten: _Batch.add_inquiry,
    SourceKept: _Batch.add_source,
    ScheduleMoved: _Batch.add_schedule,
    TimetableAsked: _Batch.add_timetable,
    TimetableTold: _Batch.add_timetable,
    BackfillWritten: _Batch.add_backfill,
    AssetUpdated: _Batch.add_asset,
    EventsConsumed: _Batch.add_asset,
    QueuedEventsDropped: _Batch.add_asset,
    DagPaused: _Batch.add_paused,
}

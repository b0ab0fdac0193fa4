"""What the event log tells: the events of a run, and the state they lead to at any moment.

`replay` is pure and knows no rule of scheduling: each event says what became of its row, and the
last one to speak of a row is right.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tradewind.model.codec import from_data, to_data
from tradewind.model.intervals import RunInfo
from tradewind.model.keys import RunKey
from tradewind.model.snapshots import BackfillSnapshot
from tradewind.model.states import RunState, TaskState
from tradewind.storage import events
from tradewind.storage.packing import FIELDS, LoggedEvent, unpack
from tradewind.storage.tables import event_log


@dataclass(frozen=True, slots=True)
class TaskPicture:
    """What decisions rest on in a task instance's row."""

    state: TaskState
    try_number: int
    max_tries: int
    token: str | None = None
    due_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class RunPicture:
    """A run with all its task instances, as it was after the last event replayed."""

    state: RunState
    version: int
    clear_number: int = 0
    note: str | None = None
    tasks: dict[tuple[str, int], TaskPicture] = field(default_factory=dict)
    """By (task_id, map_index)."""
    archived: set[tuple[str, int, int]] = field(default_factory=set)
    """(task_id, map_index, try_number) of the earlier tries that are kept."""


_COLUMNS = [event_log.c[name] for name in FIELDS]


def runs(conn: sa.Connection, dag_id: str | None = None) -> list[RunKey]:
    """The runs that the log knows, in the order in which they were made."""
    query = sa.select(event_log.c.dag_id, event_log.c.run_id).where(event_log.c.run_id.is_not(None))
    if dag_id is not None:
        query = query.where(event_log.c.dag_id == dag_id)
    return [RunKey(*row) for row in conn.execute(query.order_by(event_log.c.id))]


def of_run(conn: sa.Connection, key: RunKey) -> list[LoggedEvent]:
    """All events of a run, oldest first; empty if the log does not know it."""
    made = conn.execute(
        sa.select(event_log.c.id, event_log.c.folded).where(
            event_log.c.dag_id == key.dag_id, event_log.c.run_id == key.run_id
        )
    ).one_or_none()
    if made is None:
        return []
    (first,) = _select(conn, event_log.c.id == made.id)
    folded = unpack(made.folded) if made.folded else []
    return [first, *folded, *unfolded(conn, made.id)]


def unfolded(conn: sa.Connection, made: int, *, limit: int | None = None) -> list[LoggedEvent]:
    """The events of a run that still have a row each, oldest first; `made` is the id of its
    first."""
    return _select(conn, event_log.c.run == made, limit=limit)


def of_dag(conn: sa.Connection, dag_id: str, kind: str) -> list[LoggedEvent]:
    """The events of one kind that concern a DAG as a whole, oldest first."""
    return _select(
        conn,
        (event_log.c.dag_id == dag_id) & (event_log.c.kind == kind) & event_log.c.run_id.is_(None),
    )


def picture(conn: sa.Connection, key: RunKey, at: datetime | None = None) -> RunPicture | None:
    """A run as it is, or as it was at a moment; None if there was none."""
    return replay(event for event in of_run(conn, key) if at is None or event.at <= at)


def replay(logged: Iterable[LoggedEvent]) -> RunPicture | None:
    """The state that the events of one run, from its first on, lead to; None if there are none."""
    found: RunPicture | None = None
    for event in logged:
        if event.kind == events.MADE:
            found = _made(event)
            continue
        if found is None:
            raise ValueError(f"event {event.id} comes before its run was made")
        if event.kind == events.TASKS:
            _add_tasks(found, _facts(event))
            continue
        place = (event.task_id or "", -1 if event.map_index is None else event.map_index)
        if event.kind == events.TASK:
            found.tasks[place] = TaskPicture(
                TaskState(event.state or ""),
                event.try_number or 0,
                event.max_tries or 0,
                event.token,
                event.due_at,
            )
        elif event.kind == events.EXPANDED:
            del found.tasks[place]
        elif event.kind == events.ARCHIVED:
            found.archived.add((*place, event.try_number or 0))
        else:
            found.state = RunState(event.state or "")
            _describe(found, _facts(event))
    return found


def replay_backfill(logged: Iterable[LoggedEvent]) -> dict[int, BackfillSnapshot]:
    """The backfills that events of kind `backfill` lead to, by their ids."""
    found = (from_data(BackfillSnapshot, _facts(event)) for event in logged)
    return {backfill.backfill_id: backfill for backfill in found}


def replay_schedule(logged: Iterable[LoggedEvent]) -> tuple[RunInfo | None, RunInfo | None]:
    """The last and the next run of a schedule that events of kind `schedule` lead to."""
    last = following = None
    for event in logged:
        facts = _facts(event)
        if facts["last"] is not None:
            last = from_data(RunInfo, facts["last"])
        following = None if facts["next"] is None else from_data(RunInfo, facts["next"])
    return last, following


def begin_anew(conn: sa.Connection, key: RunKey) -> None:
    """Let the log of a run begin with the run as it is now; all that came before can be deleted.

    (Until it is, replaying it leads to the same end: each event says what its row became.)
    """
    logged = of_run(conn, key)
    found = replay(logged)
    if found is None or len(logged) == 1:
        return
    tasks = [
        [*place, task.max_tries, task.state.value, task.try_number, to_data(task.due_at)]
        for place, task in found.tasks.items()
    ]
    facts = {"version": found.version, "clear_number": found.clear_number, "tasks": tasks}
    if found.note is not None:
        facts["note"] = found.note
    conn.execute(
        sa.update(event_log)
        .where(event_log.c.id == logged[0].id)
        .values(
            state=found.state.value,
            facts=json.dumps(facts, separators=(",", ":")),
            reason="as it is since its earlier events were removed",
            folded=None,
        )
    )


def _made(event: LoggedEvent) -> RunPicture:
    facts = _facts(event)
    made = RunPicture(state=RunState(event.state or ""), version=facts["version"])
    _describe(made, facts)
    _add_tasks(made, facts)
    return made


def _add_tasks(run: RunPicture, facts: dict[str, Any]) -> None:
    for task_id, map_index, max_tries, *later in facts["tasks"]:
        state, try_number, due_at = later or (TaskState.NONE, 0, None)
        run.tasks[task_id, map_index] = TaskPicture(
            TaskState(state),
            try_number,
            max_tries,
            due_at=None if due_at is None else datetime.fromisoformat(due_at),
        )


def _describe(run: RunPicture, facts: dict[str, Any]) -> None:
    run.version = facts["version"]
    run.clear_number = facts.get("clear_number", 0)
    run.note = facts.get("note")


def _facts(event: LoggedEvent) -> dict[str, Any]:
    known: dict[str, Any] = json.loads(event.facts or "{}")
    return known


def _select(
    conn: sa.Connection, condition: sa.ColumnElement[bool], *, limit: int | None = None
) -> list[LoggedEvent]:
    query = sa.select(*_COLUMNS).where(condition).order_by(event_log.c.id).limit(limit)
    return [LoggedEvent(**row) for row in conn.execute(query).mappings()]

"""The event log: one compact row per change, with its cause, in the same commit.

The rows of a run tell its whole life (`history` folds them into its state at any moment): which
task instances it was made with, and after each change what decisions rest on. Values, rendered
fields and what a try measured are not repeated here; they are in the rows of the try.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tradewind.model.changes import (
    BackfillWritten,
    DagPaused,
    RunChanged,
    RunCreated,
    ScheduleMoved,
    TaskChanged,
    TaskExpanded,
    TasksCreated,
    TryArchived,
)
from tradewind.model.codec import to_data
from tradewind.model.keys import RunKey
from tradewind.model.snapshots import RunSnapshot, TaskSnapshot
from tradewind.storage.statements import Statement
from tradewind.storage.tables import event_log, storable

Logged = (
    RunCreated
    | TasksCreated
    | RunChanged
    | TaskChanged
    | TaskExpanded
    | TryArchived
    | ScheduleMoved
    | BackfillWritten
    | DagPaused
)

MADE, TASKS, RUN, TASK, EXPANDED, ARCHIVED = "made", "tasks", "run", "task", "expanded", "archived"
"""Kinds of event of a run; `made` is the first, `tasks` follow where it has very many, and where a
task was `expanded`."""
SCHEDULE, BACKFILL, PAUSED = "schedule", "backfill", "paused"
"""Kinds of event of a DAG."""

_made = event_log.alias("made")
_APPEND = Statement(
    sa.insert(event_log).values(
        {
            column.name: sa.bindparam(column.name, type_=column.type)
            for column in event_log.c
            if column.name not in ("id", "run", "folded")
        }
        | {
            "run": sa.select(_made.c.id)
            .where(
                _made.c.dag_id == sa.bindparam("of_dag_id"),
                _made.c.run_id == sa.bindparam("of_run_id"),
            )
            .scalar_subquery()
        }
    )
)
_EMPTY: dict[str, Any] = dict.fromkeys(
    (*(column.name for column in event_log.c), "of_dag_id", "of_run_id")
)
_encode = json.JSONEncoder(separators=(",", ":")).encode


def append(conn: sa.Connection, changes: Sequence[Logged], now: datetime) -> None:
    """Log changes in the order in which they were decided."""
    rows = []
    for change in changes:
        row = _EMPTY.copy()
        row["at"] = now
        _FILL[type(change)](row, change)
        rows.append(row)
    _APPEND.run(conn, rows)


def latest(conn: sa.Connection) -> int:
    """Id of the last event, 0 if there is none."""
    return int(conn.execute(sa.select(sa.func.max(event_log.c.id))).scalar() or 0)


def _of_run(row: dict[str, Any], key: RunKey) -> None:
    row["of_dag_id"], row["of_run_id"] = key


def _fill_made(row: dict[str, Any], change: RunCreated) -> None:
    run = change.run
    row["kind"], row["reason"] = MADE, change.reason
    row["dag_id"], row["run_id"] = run.key
    row["state"] = run.state.value
    row["facts"] = _encode({**_run_facts(run), "tasks": _new_tasks(run.tasks)})


def _fill_tasks(row: dict[str, Any], change: TasksCreated) -> None:
    row["kind"], row["reason"] = TASKS, change.reason
    _of_run(row, change.run)
    row["facts"] = _encode({"tasks": _new_tasks(change.tasks)})


def _new_tasks(tasks: Sequence[TaskSnapshot]) -> list[list[Any]]:
    return [[task.key.task_id, task.key.map_index, task.max_tries] for task in tasks]


def _fill_run(row: dict[str, Any], change: RunChanged) -> None:
    row["kind"], row["reason"] = RUN, change.reason
    _of_run(row, change.run.key)
    row["state"] = change.run.state.value
    row["facts"] = _encode(_run_facts(change.run))


def _run_facts(run: RunSnapshot) -> dict[str, Any]:
    facts: dict[str, Any] = {"version": run.version}
    if run.clear_number:
        facts["clear_number"] = run.clear_number
    if run.note is not None:
        facts["note"] = storable(run.note)
    return facts


def _fill_task(row: dict[str, Any], change: TaskChanged) -> None:
    task = change.task
    row["kind"], row["reason"] = TASK, change.reason
    row["of_dag_id"], row["of_run_id"], row["task_id"], row["map_index"] = task.key
    row["state"] = task.state.value
    row["try_number"], row["max_tries"] = task.try_number, task.max_tries
    row["token"], row["due_at"] = task.token, task.due_at


def _fill_expanded(row: dict[str, Any], change: TaskExpanded) -> None:
    row["kind"], row["reason"] = EXPANDED, change.reason
    row["of_dag_id"], row["of_run_id"], row["task_id"], row["map_index"] = change.task


def _fill_archived(row: dict[str, Any], change: TryArchived) -> None:
    row["kind"], row["reason"] = ARCHIVED, "another try follows"
    row["of_dag_id"], row["of_run_id"], row["task_id"], row["map_index"] = change.key
    row["try_number"] = change.try_number


def _fill_schedule(row: dict[str, Any], change: ScheduleMoved) -> None:
    row["kind"], row["dag_id"], row["reason"] = SCHEDULE, change.dag_id, "its schedule was read"
    row["facts"] = _encode(to_data({"last": change.last, "next": change.next}))


def _fill_backfill(row: dict[str, Any], change: BackfillWritten) -> None:
    row["kind"], row["dag_id"], row["reason"] = BACKFILL, change.backfill.dag_id, change.reason
    row["facts"] = _encode(to_data(change.backfill))


def _fill_paused(row: dict[str, Any], change: DagPaused) -> None:
    row["kind"], row["dag_id"], row["reason"] = PAUSED, change.dag_id, change.reason


_FILL: dict[type, Callable[[dict[str, Any], Any], None]] = {
    RunCreated: _fill_made,
    TasksCreated: _fill_tasks,
    RunChanged: _fill_run,
    TaskChanged: _fill_task,
    TaskExpanded: _fill_expanded,
    TryArchived: _fill_archived,
    ScheduleMoved: _fill_schedule,
    BackfillWritten: _fill_backfill,
    DagPaused: _fill_paused,
}

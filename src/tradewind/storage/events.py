"""The event log: one compact row per change, with its cause, in the same commit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tradewind.model.changes import BackfillWritten, DagPaused, RunChanged, RunCreated, TaskChanged
from tradewind.storage import statements
from tradewind.storage.tables import event_log

Logged = RunCreated | RunChanged | TaskChanged | BackfillWritten | DagPaused
_APPEND = statements.insert(event_log)


def append(conn: sa.Connection, changes: Sequence[Logged], now: datetime) -> None:
    """Log changes in the order in which they were decided."""
    _APPEND.run(conn, [{"at": now, "reason": change.reason, **_row(change)} for change in changes])


def latest(conn: sa.Connection) -> int:
    """Id of the last event, 0 if there is none."""
    return int(conn.execute(sa.select(sa.func.max(event_log.c.id))).scalar() or 0)


def _row(change: Logged) -> dict[str, Any]:
    row = dict.fromkeys(
        ("dag_id", "run_id", "task_id", "map_index", "try_number", "before", "after")
    )
    values: dict[str, Any] = row
    if isinstance(change, TaskChanged):
        values["change"] = "task_changed"
        values["dag_id"], values["run_id"], values["task_id"], values["map_index"] = change.task.key
        values["try_number"] = change.task.try_number
        values["before"], values["after"] = change.before.value, change.task.state.value
    elif isinstance(change, RunChanged):
        values["change"] = "run_changed"
        values["dag_id"], values["run_id"] = change.run.key
        values["before"], values["after"] = change.before.value, change.run.state.value
    elif isinstance(change, RunCreated):
        values["change"] = "run_created"
        values["dag_id"], values["run_id"] = change.run.key
        values["after"] = change.run.state.value
    elif isinstance(change, BackfillWritten):
        values["change"] = "backfill_written"
        values["dag_id"] = change.backfill.dag_id
    else:
        values["change"] = "dag_paused"
        values["dag_id"] = change.dag_id
    return values

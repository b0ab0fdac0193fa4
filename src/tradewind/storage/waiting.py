"""What task instances wait for without a process, and where they go on."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tradewind.model.changes import WaitOver, WaitWritten
from tradewind.model.codec import from_data, to_data
from tradewind.model.deferral import TriggerRow, Waiting, Word
from tradewind.model.keys import TaskKey
from tradewind.storage import statements
from tradewind.storage.tables import task_instance, waiting

_UPSERT = statements.upsert(waiting)
_DELETE = statements.delete(waiting)
_AT_ONCE = 500
"""Keys in one statement."""
_KEY = (waiting.c.dag_id, waiting.c.run_id, waiting.c.task_id, waiting.c.map_index)


def write(conn: sa.Connection, changes: Iterable[WaitWritten | WaitOver], now: datetime) -> None:
    """Write the last change of each task instance."""
    written, over = [], []
    for change in changes:
        if isinstance(change, WaitOver):
            over.append(change.task._asdict())
        else:
            written.append(_row(change, now))
    _DELETE.run(conn, over)
    _UPSERT.run(conn, written)


def _row(change: WaitWritten, now: datetime) -> dict[str, Any]:
    wait, deferral = change.waiting, change.deferral
    return {
        **wait.key._asdict(),
        "trigger_id": wait.trigger,
        "classpath": None if deferral is None else deferral.classpath,
        "kwargs": None if deferral is None else deferral.kwargs,
        "queue": None if deferral is None else deferral.queue,
        "created_at": now,
        "timeout_at": wait.timeout_at,
        "at": wait.at,
        "word": to_data(wait.word),
        "method": wait.method,
        "method_kwargs": wait.method_kwargs,
    }


def all_of(conn: sa.Connection) -> tuple[Waiting, ...]:
    """Everything that waits or is about to go on."""
    query = sa.select(
        *_KEY,
        waiting.c.trigger_id,
        waiting.c.method,
        waiting.c.method_kwargs,
        waiting.c.timeout_at,
        waiting.c.at,
        waiting.c.word,
    )
    return tuple(
        Waiting(
            key=TaskKey(*row[:4]),
            trigger=row.trigger_id,
            method=row.method,
            method_kwargs=row.method_kwargs,
            timeout_at=row.timeout_at,
            at=row.at,
            word=None if row.word is None else from_data(Word, row.word),
        )
        for row in conn.execute(query)
    )


def triggers(conn: sa.Connection) -> list[tuple[str, str | None]]:
    """(trigger, queue) of all that triggerers have to run, oldest first."""
    query = (
        sa.select(waiting.c.trigger_id, waiting.c.queue)
        .where(
            waiting.c.trigger_id.is_not(None),
            waiting.c.at.is_(None),
            waiting.c.classpath.is_not(None),  # else it waits for a person
        )
        .order_by(waiting.c.created_at, waiting.c.trigger_id)
    )
    return [(row.trigger_id, row.queue) for row in conn.execute(query)]


def rows(conn: sa.Connection, ids: Iterable[str]) -> list[TriggerRow]:
    """The triggers of these ids that are still waited for."""
    return _rows(conn, waiting.c.trigger_id.in_(list(ids)))


def of_tasks(conn: sa.Connection, keys: Iterable[TaskKey]) -> list[TriggerRow]:
    """The triggers that those of these task instances wait for that do."""
    wanted = [tuple(key) for key in keys]
    is_trigger = waiting.c.trigger_id.is_not(None) & waiting.c.classpath.is_not(None)
    found: list[TriggerRow] = []
    for start in range(0, len(wanted), _AT_ONCE):
        is_one = sa.tuple_(*_KEY).in_(wanted[start : start + _AT_ONCE])
        found += _rows(conn, is_one & is_trigger)
    return found


def _rows(conn: sa.Connection, condition: sa.ColumnElement[bool]) -> list[TriggerRow]:
    query = (
        sa.select(
            *_KEY,
            waiting.c.trigger_id,
            waiting.c.classpath,
            waiting.c.kwargs,
            waiting.c.queue,
            waiting.c.created_at,
            waiting.c.timeout_at,
            waiting.c.at,
            task_instance.c.try_number,
        )
        .join(
            task_instance,
            sa.and_(*(column == task_instance.c[column.name] for column in _KEY)),
        )
        .where(condition)
    )
    return [
        TriggerRow(
            trigger=row.trigger_id,
            key=TaskKey(*row[:4]),
            try_number=row.try_number,
            classpath=row.classpath,
            kwargs=row.kwargs,
            queue=row.queue,
            created_at=row.created_at,
            timeout_at=row.timeout_at,
            at=row.at,
        )
        for row in conn.execute(query)
    ]

"""How a task instance is made, claimed and finished, in SQL.

A task instance is one row. Whoever moves it says what the row must look like before:

    UPDATE task_instance SET state = :state, token = :token, ...
    WHERE dag_id = :key_dag_id AND run_id = :key_run_id
      AND task_id = :key_task_id AND map_index = :key_map_index
      AND state = :before_state AND try_number = :before_try

Claiming a task for execution (scheduled -> queued, with a fresh token), noting its start, its end,
its retry are all this one statement with other values. It touches one row, or none if the row is
not as the decision took it to be: then nobody's write is lost, and the whole commit is undone.
The token is not compared: `core` drops what comes under a stale one, and the epoch admits only one
writer.
Which steps are legal is no business of this module: `core` has decided. Where one commit holds
several steps of one task instance, `commit` has folded them: the first `before`, the last row.

(State is compared by IS NOT DISTINCT FROM: PostgreSQL, where it has no statistics yet, would else
look the row up among all those of the same state.)
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from tradewind.model.changes import TaskChanged
from tradewind.model.errors import StaleWrite
from tradewind.model.keys import RunKey, TaskKey
from tradewind.model.snapshots import TaskSnapshot
from tradewind.model.states import TaskState
from tradewind.storage import statements
from tradewind.storage.statements import Insert, Statement
from tradewind.storage.tables import (
    rendered_fields,
    task_instance,
    task_instance_history,
    task_note,
)

_COLUMNS = tuple(column.name for column in task_instance.c)
_KEY = ("dag_id", "run_id", "task_id", "map_index")
_FACTS = tuple(name for name in _COLUMNS if name not in _KEY)
_OF_KEY = [task_instance.c[name] == sa.bindparam(f"key_{name}") for name in _KEY]

_INSERT = statements.insert(task_instance)

_MOVE = Statement(
    sa.update(task_instance)
    .where(
        *_OF_KEY,
        task_instance.c.state.is_not_distinct_from(sa.bindparam("before_state")),
        task_instance.c.try_number == sa.bindparam("before_try"),
    )
    .values({name: sa.bindparam(name, type_=task_instance.c[name].type) for name in _FACTS})
)

_REMOVE = statements.delete(task_instance)
_FORGET_FIELDS = statements.delete(rendered_fields)
_WRITE_NOTE = statements.upsert(task_note)
_REMOVE_NOTE = statements.delete(task_note)


def _archive(insert: Insert) -> Any:
    """Copy rows to the history as they stand; what is there already stays."""
    copied = sa.select(*task_instance.c).where(
        *_OF_KEY, task_instance.c.try_number == sa.bindparam("archived_try")
    )
    return insert(task_instance_history).from_select(_COLUMNS, copied).on_conflict_do_nothing()


_ARCHIVE = Statement(_archive)
_INSERT_HISTORY = statements.insert(task_instance_history)


def create(conn: sa.Connection, tasks: Iterable[TaskSnapshot]) -> None:
    """Insert the task instances of new runs, all with one statement."""
    _INSERT.run(conn, [_row(task) for task in tasks])


def move(conn: sa.Connection, changes: Sequence[TaskChanged]) -> None:
    """Write every row if it is as its change expects; one change per task instance.

    Raises StaleWrite if any row was in another state or try.
    """
    rows = []
    for change in changes:
        row = _row(change.task)
        row["before_state"] = change.before.value
        row["before_try"] = change.before_try
        row.update(_named(change.task.key))
        rows.append(row)

    def check(moved: int) -> None:
        if moved != len(rows):
            raise StaleWrite(
                f"{len(rows) - moved} of {len(rows)} task instances are not as the decision took "
                f"them to be, among them may be {', '.join(_tell(one) for one in changes[:5])}"
            )

    _MOVE.run(conn, rows, check)


def remove(conn: sa.Connection, keys: Sequence[TaskKey]) -> None:
    """Delete the rows of task instances that have become many. Raises StaleWrite if one is gone."""

    def check(removed: int) -> None:
        if removed != len(keys):
            raise StaleWrite(f"{len(keys) - removed} of {len(keys)} expanded tasks are gone")

    _REMOVE.run(conn, [key._asdict() for key in keys], check)


def archive(conn: sa.Connection, tries: Iterable[tuple[TaskKey, int]]) -> None:
    """Keep rows as the history of their try, as they stand in the database."""
    _ARCHIVE.run(conn, [{**_named(key), "archived_try": number} for key, number in tries])


def archive_as(conn: sa.Connection, tasks: Iterable[TaskSnapshot]) -> None:
    """Keep tries that began and ended within this very transaction."""
    _INSERT_HISTORY.run(conn, [_row(task) for task in tasks])


def forget_fields(conn: sa.Connection, keys: Iterable[TaskKey]) -> None:
    """Delete the rendered template fields: a new try renders its own."""
    _FORGET_FIELDS.run(conn, [key._asdict() for key in keys])


def write_notes(conn: sa.Connection, notes: Mapping[TaskKey, str | None]) -> None:
    """Keep what is noted on task instances; None removes the note."""
    _WRITE_NOTE.run(
        conn, [{**key._asdict(), "note": note} for key, note in notes.items() if note is not None]
    )
    _REMOVE_NOTE.run(conn, [key._asdict() for key, note in notes.items() if note is None])


def load(conn: sa.Connection, of_runs: sa.ColumnElement[bool]) -> dict[RunKey, list[TaskSnapshot]]:
    """The task instances that a condition on `task_instance` selects, by their run."""
    found: dict[RunKey, list[TaskSnapshot]] = {}
    for row in conn.execute(sa.select(*task_instance.c).where(of_runs)):
        task = snapshot(row)
        found.setdefault(task.key.run, []).append(task)
    return found


def snapshot(row: Any) -> TaskSnapshot:
    """A row of `task_instance` or its history (all columns, in their order) as a value."""
    dag_id, run_id, task_id, map_index, state, *facts = row
    return TaskSnapshot(
        key=TaskKey(dag_id, run_id, task_id, map_index),
        state=TaskState(state),
        **dict(zip(_FACTS[1:], facts, strict=True)),
    )


def _row(task: TaskSnapshot) -> dict[str, Any]:
    row = {name: getattr(task, name) for name in _FACTS}
    row["dag_id"], row["run_id"], row["task_id"], row["map_index"] = task.key
    row["state"] = task.state.value
    return row


def _named(key: TaskKey) -> dict[str, Any]:
    return {f"key_{name}": value for name, value in zip(_KEY, key, strict=True)}


def _tell(change: TaskChanged) -> str:
    return f"{'/'.join(map(str, change.task.key))} {change.before}, try {change.before_try}"

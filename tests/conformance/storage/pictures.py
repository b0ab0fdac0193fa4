"""The same pictures as `storage.history` makes of the log, made of the tables."""

import sqlalchemy as sa

from tradewind.model.keys import RunKey
from tradewind.model.snapshots import RunQuery
from tradewind.storage import fleet, history
from tradewind.storage.history import RunPicture, TaskPicture
from tradewind.storage.tables import task_instance_history


def stored(conn: sa.Connection, key: RunKey) -> RunPicture | None:
    """A run as the tables have it."""
    found, _ = fleet.find_runs(conn, RunQuery(dag_id=key.dag_id, run_ids=(key.run_id,)))
    if not found:
        return None
    (run,) = found
    kept = task_instance_history.c
    archived = sa.select(kept.task_id, kept.map_index, kept.try_number).where(
        kept.dag_id == key.dag_id, kept.run_id == key.run_id
    )
    return RunPicture(
        state=run.state,
        version=run.version,
        clear_number=run.clear_number,
        note=run.note,
        tasks={
            (task.key.task_id, task.key.map_index): TaskPicture(
                task.state, task.try_number, task.max_tries, task.token, task.due_at
            )
            for task in run.tasks
        },
        archived={tuple(row) for row in conn.execute(archived)},
    )


def differences(conn: sa.Connection) -> list[str]:
    """Every run of which log and tables do not tell the same."""
    told = []
    for key in history.runs(conn):
        replayed, found = history.picture(conn, key), stored(conn, key)
        if replayed != found:
            told.append(f"{'/'.join(key)}: the log says {replayed}, the tables {found}")
    return told

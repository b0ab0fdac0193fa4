"""Folds the events of old runs: packed into one value in the row of the run's making.

Reading (`history.of_run`) shows no difference. A run that is cleared afterwards gets ordinary rows
again, which are folded in their turn.
"""

from collections.abc import Callable

import sqlalchemy as sa

from tradewind.model.keys import RunKey
from tradewind.storage import history
from tradewind.storage.packing import pack
from tradewind.storage.tables import event_log

_AT_ONCE = 1000
"""Events that are packed at once: some 20 ms of work."""


def fold(conn: sa.Connection, key: RunKey, *, is_late: Callable[[], bool] = lambda: False) -> bool:
    """Fold the events of a run that has finished. False if it was too late to do all of them."""
    made = conn.execute(
        sa.select(event_log.c.id).where(
            event_log.c.dag_id == key.dag_id, event_log.c.run_id == key.run_id
        )
    ).scalar()
    if made is None:
        return True
    while events := history.unfolded(conn, made, limit=_AT_ONCE):
        packed = conn.execute(
            sa.select(event_log.c.folded).where(event_log.c.id == made)
        ).scalar_one()
        conn.execute(
            sa.update(event_log)
            .where(event_log.c.id == made)
            .values(folded=(packed or b"") + pack(events))
        )
        conn.execute(
            sa.delete(event_log).where(event_log.c.run == made, event_log.c.id <= events[-1].id)
        )
        if len(events) < _AT_ONCE:
            break
        if is_late():
            return False
    return True

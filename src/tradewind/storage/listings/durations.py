"""How long tasks took so far."""

from datetime import datetime
from itertools import groupby

import sqlalchemy as sa

from tradewind.model.states import TaskState
from tradewind.storage.listings.criteria import duration_s
from tradewind.storage.tables import task_instance

LATEST = 20
"""So many successes of a task are looked at."""


def expected_durations(
    conn: sa.Connection, *, since: datetime, quantile: float = 0.5
) -> dict[tuple[str, str], float]:
    """Seconds by (dag_id, task_id): the given quantile of its latest successful tries that began
    after `since`; tasks without any are missing.

    The quantile is the nearest rank (the smallest value that at least that share does not exceed).
    """
    seconds = duration_s(conn, task_instance.c.start_date, task_instance.c.end_date)
    place = sa.func.row_number().over(
        partition_by=(task_instance.c.dag_id, task_instance.c.task_id),
        order_by=task_instance.c.end_date.desc(),
    )
    ranked = (
        sa.select(
            task_instance.c.dag_id,
            task_instance.c.task_id,
            seconds.label("seconds"),
            place.label("place"),
        )
        .where(
            task_instance.c.state == TaskState.SUCCESS,
            task_instance.c.start_date >= since,
            task_instance.c.end_date.is_not(None),
        )
        .subquery()
    )
    latest = (
        sa.select(ranked.c.dag_id, ranked.c.task_id, ranked.c.seconds)
        .where(ranked.c.place <= LATEST)
        .order_by(ranked.c.dag_id, ranked.c.task_id, ranked.c.seconds)
    )
    found = {}
    for task, rows in groupby(conn.execute(latest), key=lambda row: (row.dag_id, row.task_id)):
        values = [float(row.seconds) for row in rows]
        found[task] = max(0.0, values[max(0, -int(-quantile * len(values) // 1) - 1)])
    return found

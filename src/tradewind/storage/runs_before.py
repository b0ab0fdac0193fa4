"""Which run comes right before others of its DAG, by logical date."""

from bisect import bisect_left
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from tradewind.model.states import RunType
from tradewind.storage.tables import dag_run

ONE_BY_ONE = 20
"""More dates than that are looked up in a list of all the DAG's."""


def ids_before(conn: sa.Connection, dag_id: str, dates: Collection[datetime]) -> set[str]:
    """The runs with the latest earlier logical date, for each of `dates`: of all runs, and of those
    that nobody made by hand."""
    if not dates:
        return set()
    earlier = sa.select(dag_run.c.run_id, dag_run.c.logical_date).where(dag_run.c.dag_id == dag_id)
    automated = earlier.where(dag_run.c.run_type != RunType.MANUAL)
    return _latest(conn, earlier, dates) | _latest(conn, automated, dates)


def _latest(
    conn: sa.Connection, runs: sa.Select[tuple[str, datetime]], dates: Collection[datetime]
) -> set[str]:
    if len(dates) <= ONE_BY_ONE:
        latest = runs.order_by(dag_run.c.logical_date.desc()).limit(1)
        rows = (conn.execute(latest.where(dag_run.c.logical_date < date)).first() for date in dates)
        return {row.run_id for row in rows if row is not None}
    before_all = runs.where(dag_run.c.logical_date < max(dates))
    dated = conn.execute(before_all.order_by(dag_run.c.logical_date)).all()
    moments = [row.logical_date for row in dated]
    places = (bisect_left(moments, date) for date in dates)
    return {dated[place - 1].run_id for place in places if place}

"""Walks the runs that ended before a moment, oldest end first, a few at a time.

Whoever looks after old runs (`folding`, `retention`) goes on from a `Place`, so that looking for
the next one never reads what has been dealt with.
"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from tradewind.model.keys import RunKey
from tradewind.model.states import RunType
from tradewind.storage.tables import Moment, backfill, dag_run


class Place(NamedTuple):
    """A run that ended, in the order of the walk."""

    end_date: datetime
    dag_id: str
    run_id: str

    @property
    def key(self) -> RunKey:
        return RunKey(self.dag_id, self.run_id)


_ORDER = (dag_run.c.end_date, dag_run.c.dag_id, dag_run.c.run_id)


def ended(
    conn: sa.Connection,
    before: datetime,
    *,
    after: Place | None,
    condition: sa.ColumnElement[bool] | None = None,
    limit: int,
) -> list[Place]:
    """The next runs after a place that ended before a moment; a run not finished has no end."""
    query = sa.select(*_ORDER).where(dag_run.c.end_date < before)
    if condition is not None:
        query = query.where(condition)
    if after is not None:
        end_date = sa.literal(after.end_date, Moment)
        query = query.where(
            dag_run.c.end_date >= end_date,  # for the index
            sa.tuple_(*_ORDER) > sa.tuple_(end_date, after.dag_id, after.run_id),
        )
    return [Place(*row) for row in conn.execute(query.order_by(*_ORDER).limit(limit))]


def dispensable() -> sa.ColumnElement[bool]:
    """Runs that nothing will ask for: not the latest of a DAG, not the latest its schedule made,
    none of a backfill under way.
    """
    other = dag_run.alias("other")
    latest = (
        sa.select(sa.func.max(other.c.run_after))
        .where(other.c.dag_id == dag_run.c.dag_id)
        .scalar_subquery()
    )
    latest_scheduled = (
        sa.select(sa.func.max(other.c.run_after))
        .where(other.c.dag_id == dag_run.c.dag_id, other.c.run_type == RunType.SCHEDULED.value)
        .scalar_subquery()
    )
    under_way = sa.select(backfill.c.id).where(backfill.c.completed_at.is_(None))
    return (
        (dag_run.c.run_after < latest)
        & (
            (dag_run.c.run_type != RunType.SCHEDULED.value)
            | (dag_run.c.run_after < latest_scheduled)
        )
        & (dag_run.c.backfill_id.is_(None) | dag_run.c.backfill_id.not_in(under_way))
    )


def of_dags(included: Collection[str], excluded: Collection[str]) -> sa.ColumnElement[bool]:
    """Runs of some DAGs (of all, if none is named), without those of others."""
    condition = sa.true() if not included else dag_run.c.dag_id.in_(included)
    return condition & dag_run.c.dag_id.not_in(excluded) if excluded else condition

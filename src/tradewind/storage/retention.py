"""Removes what is kept of old runs, in slices.

Only runs that have finished, that nothing will ask for (`old_runs.dispensable`), and each looked at
again in the very transaction that deletes. Of a long run the parts go first and its own row last,
so that what an interruption leaves is still a finished run.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime
from time import perf_counter
from typing import Any

import sqlalchemy as sa

from tradewind.model.keys import RunKey
from tradewind.storage import history, old_runs
from tradewind.storage.database import Database
from tradewind.storage.old_runs import Place
from tradewind.storage.tables import (
    dag_run,
    event_log,
    hitl_detail,
    rendered_fields,
    task_instance,
    task_instance_history,
    task_note,
    xcom,
)

DETAILS = ("rendered_fields", "task_instance_history", "xcom", "hitl_detail", "event_log")
"""What can be removed of a run that stays. Its log then begins with the run as it is."""
PARTS = (*DETAILS, "dag_run")
"""`dag_run` is all of a run: its row, its task instances and the details."""
SLICE_S = 0.02
"""How long one transaction goes on deleting."""
ROWS_AT_ONCE = 500
"""Most rows that one statement deletes."""
_RUNS_AT_ONCE = 100

_TABLES: dict[str, sa.Table] = {
    table.name: table
    for table in (
        rendered_fields,
        task_instance_history,
        xcom,
        hitl_detail,
        event_log,
        task_note,
        task_instance,
        dag_run,
    )
}


class Retention:
    """One way through all runs that ended before a moment, removing `parts` of each."""

    def __init__(
        self,
        before: datetime,
        parts: Collection[str] = PARTS,
        *,
        dag_ids: Collection[str] = (),
        except_dag_ids: Collection[str] = (),
        after: Place | None = None,
        rows_at_once: int = ROWS_AT_ONCE,
    ) -> None:
        self._before = before
        self._rows_at_once = rows_at_once
        self._parts = _in_order(parts)
        self._keeps_runs = "dag_run" not in self._parts
        self._condition = old_runs.dispensable() & old_runs.of_dags(dag_ids, except_dag_ids)
        self.place = after
        """Up to where all is done."""
        self._gone: list[RunKey] = []

    def step(self, conn: sa.Connection) -> Counter[str] | None:
        """One slice, in a transaction of its own: rows deleted by table; None if there is nothing
        left to do.
        """
        until = perf_counter() + SLICE_S
        removed: Counter[str] = Counter()
        found = self._next(conn, _RUNS_AT_ONCE)
        for place in found:
            if not self._is_still(conn, place):
                self.place = place
                continue
            if self._keeps_runs and "event_log" in self._parts:
                history.begin_anew(conn, place.key)
            for table in self._parts:
                while count := self._delete_some(conn, table, place.key):
                    removed[table] += count
                    if table == "dag_run":
                        self._gone.append(place.key)
                    if perf_counter() > until:
                        return removed
            self.place = place
        return removed if found else None

    def take_gone(self) -> list[RunKey]:
        """The runs whose last row has been deleted since this was last asked."""
        gone, self._gone = self._gone, []
        return gone

    def count(self, conn: sa.Connection) -> Counter[str]:
        """How many rows would be deleted."""
        found: Counter[str] = Counter()
        while places := self._next(conn, _RUNS_AT_ONCE):
            for place in places:
                for table in self._parts:
                    condition = self._of_run(table, place.key)
                    found[table] += conn.execute(
                        sa.select(sa.func.count()).where(condition)
                    ).scalar_one()
            self.place = places[-1]
        return found

    def _next(self, conn: sa.Connection, limit: int) -> list[Place]:
        return old_runs.ended(
            conn, self._before, after=self.place, condition=self._condition, limit=limit
        )

    def _is_still(self, conn: sa.Connection, place: Place) -> bool:
        """Whether nobody has it run again, and nobody can before this transaction ends."""
        row = sa.select(dag_run.c.run_id).where(
            dag_run.c.dag_id == place.dag_id,
            dag_run.c.run_id == place.run_id,
            dag_run.c.end_date == place.end_date,
        )
        return conn.execute(row.with_for_update()).first() is not None

    def _of_run(self, table: str, key: RunKey) -> sa.ColumnElement[bool]:
        if table != "event_log":
            of = _TABLES[table]
            return (of.c.dag_id == key.dag_id) & (of.c.run_id == key.run_id)
        first = (event_log.c.dag_id == key.dag_id) & (event_log.c.run_id == key.run_id)
        made = sa.select(event_log.c.id).where(first).scalar_subquery()
        return event_log.c.run == made if self._keeps_runs else first | (event_log.c.run == made)

    def _delete_some(self, conn: sa.Connection, table: str, key: RunKey) -> int:
        """Delete a limited number of a run's rows; of the log the first event comes last: it names
        the run that the others belong to.
        """
        of = _TABLES[table]
        address: sa.ColumnClause[Any] = sa.literal_column(
            "rowid" if conn.dialect.name == "sqlite" else "ctid"
        )
        some = sa.select(address).select_from(of).where(self._of_run(table, key))
        if of is event_log:
            some = some.order_by(event_log.c.id.desc())
        return conn.execute(
            sa.delete(of).where(address.in_(some.limit(self._rows_at_once)))
        ).rowcount


def remove(database: Database, retention: Retention) -> Iterator[Counter[str]]:
    """Do all of it, one transaction a step."""
    while True:
        with database.write() as conn:
            removed = retention.step(conn)
        if removed is None:
            return
        yield removed


def forget_events_of_dags(conn: sa.Connection, before: datetime, *, after: int) -> int | None:
    """Delete the next events that concern DAGs as a whole and are older than a moment, beginning
    after the event `after`; up to which event all is done, None if there is nothing left to do.
    """
    query = (
        sa.select(event_log.c.id, event_log.c.run, event_log.c.run_id)
        .where(event_log.c.id > after, event_log.c.at < before)
        .order_by(event_log.c.id)
        .limit(ROWS_AT_ONCE)
    )
    found = conn.execute(query).all()
    old = [row.id for row in found if row.run is None and row.run_id is None]
    conn.execute(sa.delete(event_log).where(event_log.c.id.in_(old)))
    return found[-1].id if found else None


def _in_order(parts: Collection[str]) -> tuple[str, ...]:
    if "dag_run" in parts:
        return (*DETAILS, "task_note", "task_instance", "dag_run")
    return tuple(part for part in DETAILS if part in parts)

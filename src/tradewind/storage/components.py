"""Which processes run: one row each, written by its owner every few seconds."""

from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from tradewind.storage import statements
from tradewind.storage.tables import component

_UPSERT = statements.upsert(component)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One process. `kind`: scheduler, standby (a scheduler that waits to lead), dag_processor,
    api_server, triggerer."""

    id: str
    kind: str
    hostname: str
    pid: int
    started_at: datetime
    queues: tuple[str, ...] = ()
    """Of a triggerer: whose triggers it runs; empty: those of no queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LivingComponent(Component):
    """One process as the store knows it. `problem` is why it is not healthy, None when it is."""

    heartbeat_at: datetime
    problem: str | None


def beat(
    conn: sa.Connection, component: Component, now: datetime, problem: str | None = None
) -> None:
    """Say that a process lives, and what troubles it."""
    _UPSERT.run(conn, [{**asdict(component), "heartbeat_at": now, "problem": problem}])


def living(conn: sa.Connection) -> list[LivingComponent]:
    """All that have not said goodbye, by kind, latest heartbeat first; how old one may be is the
    caller's to judge.
    """
    query = sa.select(component).order_by(component.c.kind, component.c.heartbeat_at.desc())
    rows = conn.execute(query).mappings()
    return [LivingComponent(**{**row, "queues": tuple(row["queues"])}) for row in rows]


def remove(conn: sa.Connection, component_id: str) -> None:
    """Say goodbye. Harmless if the row is gone already."""
    conn.execute(sa.delete(component).where(component.c.id == component_id))


def remove_silent(conn: sa.Connection, since: datetime) -> int:
    """Delete the rows of processes not heard of since a moment; returns how many."""
    return conn.execute(sa.delete(component).where(component.c.heartbeat_at < since)).rowcount

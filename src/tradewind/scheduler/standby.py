"""Waits to lead: on PostgreSQL several schedulers may run, of which one leads."""

import dataclasses
import logging

from tradewind.model.clock import Clock
from tradewind.model.errors import EnvironmentFailure, Refused
from tradewind.scheduler.stop import Stop, wait
from tradewind.storage import components, leader
from tradewind.storage.components import Component
from tradewind.storage.database import Database

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
LOOK_AGAIN_S = 0.2
"""When the leader's session seems to be gone: a connection may break and come back."""
KIND = "standby"
"""Of the row that a scheduler has while it waits: it must not pass for the leader's."""


def take_over(database: Database, me: Component, clock: Clock, stop: Stop) -> int | None:
    """Lead as soon as nobody else does; the new epoch, None if told to stop before.

    Nobody leads when the lease is over, or when the leader's session is gone at two looks. The
    bell must be heard by now: it is by its session that others see we are there.
    """
    gone: str | None = None
    told = False
    while not stop.is_set():
        try:
            with database.write() as connection:
                return leader.take_over(
                    connection, me.id, clock.now(), lease_s=_lease_s(database), instead_of=gone
                )
        except Refused as refused:
            if not told:
                log.info("standing by: %s", refused)
                told = True
        except EnvironmentFailure as error:
            log.warning("standing by, and the database fails: %s", error)
        gone = _look(database, me, clock)
        wait([stop], LOOK_AGAIN_S if gone else LOOK_EVERY_S)
    return None


def _look(database: Database, me: Component, clock: Clock) -> str | None:
    """The leader that is gone without a word, if it is; says that we are there."""
    try:
        with database.write() as connection:
            waiting = dataclasses.replace(me, kind=KIND)
            components.beat(connection, waiting, clock.now())
            return leader.vanished(connection, me.id)
    except EnvironmentFailure as error:
        log.warning("standing by, and the database fails: %s", error)
        return None


def _lease_s(database: Database) -> float | None:
    """On SQLite the lock beside the file says who leads."""
    return leader.LEASE_S if database.dialect == "postgresql" else None

"""What waits for the scheduler in the database: commands, changed DAGs, changed pools.

Looked at when a bell rings, and now and then in case one was missed. Decides nothing.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from tradewind.core.fleet import Fleet
from tradewind.executors.protocol import Executor
from tradewind.model.changes import (
    Change,
    CommandAnswered,
    RunCreated,
    TimetableAsked,
    TriggersChanged,
)
from tradewind.model.commands import TimetableSaid, TriggerRun
from tradewind.model.events import CommandGiven, DagLoaded, Event, PoolsChanged
from tradewind.model.keys import RunKey
from tradewind.model.snapshots import FleetSnapshot, PoolSnapshot
from tradewind.storage import bells, dags, inbox, leader, pools
from tradewind.storage.bells import Bell
from tradewind.storage.database import Database

SAFETY_LOOK = timedelta(seconds=5)
BETWEEN_RINGS = timedelta(milliseconds=20)
"""Commits follow each other faster than anybody who listens needs to look."""


def can_be_read_early(event: Event, decided: Iterable[Change]) -> bool:
    """Whether what an event needs may be read while `decided` is not committed yet.

    A trigger only asks whether its run is there, which no decision but its making changes. One made
    just now may be over already: then neither the store nor the fleet knows it.
    """
    if not (isinstance(event, CommandGiven) and isinstance(event.command, TriggerRun)):
        return False
    key = RunKey(event.command.dag_id, event.command.run_id)
    return not any(isinstance(change, RunCreated) and change.run.key == key for change in decided)


def _comes_later(waiting: tuple[str, object]) -> bool:
    """What timetables said comes before the commands that wait for it."""
    return not isinstance(waiting[1], TimetableSaid)


class Sources:
    """The scheduler's ears on the database."""

    def __init__(self, database: Database, bell: Bell) -> None:
        self._database = database
        self._bell = bell
        self._pools: tuple[PoolSnapshot, ...] = ()
        self._look_at: datetime | None = None
        self._rung_at: datetime | None = None
        self._is_ring_owed = False
        self._may_have_missed_a_ring = False
        self._given_up: tuple[tuple[str, str], ...] = ()

    def fileno(self) -> int:
        return self._bell.fileno()

    @property
    def due_at(self) -> datetime | None:
        """When to read again without having been rung; None for at once."""
        if self._is_ring_owed and self._rung_at is not None:
            return self._rung_at + BETWEEN_RINGS
        return self._look_at

    def look_again(self, known: FleetSnapshot) -> None:
        """Look at the next read whatever the bell says; `known` has just been loaded."""
        self._pools = known.pools
        self._given_up = known.unreadable
        self._may_have_missed_a_ring = True
        self._look_at = None

    def read(self, fleet: Fleet, now: datetime, executor: Executor) -> list[Event]:
        """Everything new, DAGs first, so that a command finds the DAG it was meant for.

        That a Variable or Connection has changed is only for the executor to know.
        """
        if self._is_ring_owed:
            self.ring_changes(now)
        rung = self._bell.drain()
        if "answers" in rung or self._may_have_missed_a_ring:
            self._may_have_missed_a_ring = False
            executor.answers_changed()
        if not rung and self._look_at is not None and now < self._look_at <= now + SAFETY_LOOK:
            return []  # were it later still, the clock would have been put back
        with self._database.read() as connection:
            heads = dags.heads(connection)
            changed = [dag_id for dag_id, head in heads.items() if fleet.head(dag_id) != head]
            loaded = dags.snapshots(connection, changed) if changed else []
            current_pools = pools.all_snapshots(connection)
            commands = inbox.waiting(connection)
        self._look_at = now + SAFETY_LOOK
        events: list[Event] = [DagLoaded(dag) for dag in loaded]
        if current_pools != self._pools:
            events.append(PoolsChanged(current_pools))
            self._pools = current_pools
        refused = [(name, f"{why}; a part may have been done") for name, why in self._given_up]
        for command_id, command in sorted(commands, key=_comes_later):
            if isinstance(command, inbox.Unreadable):
                refused.append((command_id, command.reason))
            else:
                events.append(CommandGiven(command_id, command))
        if refused:
            self._refuse(fleet.epoch, refused, now)
            self._given_up = ()
        return events

    def _refuse(self, epoch: int, refused: list[tuple[str, str]], now: datetime) -> None:
        """Answer commands that cannot even be decided on."""
        refusals = [
            CommandAnswered(command_id, applied=False, reason=reason, status=400)
            for command_id, reason in refused
        ]
        with self._database.write() as connection:
            leader.hold(connection, epoch)
            inbox.answer(connection, refusals, now)
        self.ring_changes(now)

    def ring_changes(self, now: datetime, changes: Iterable[Change] = ()) -> None:
        """Tell whoever listens (API servers, waiting commands) that something was committed.

        At once, unless they were told just before: then at a later read. Triggerers are told of
        what concerns them only, and the DAG processor of questions to timetables.
        """
        changes = tuple(changes)
        if any(isinstance(change, TimetableAsked) for change in changes):
            bells.ring(self._database, "timetables")
        if any(isinstance(change, TriggersChanged) for change in changes):
            bells.ring(self._database, "triggers")
        self._is_ring_owed = self._rung_at is not None and now < self._rung_at + BETWEEN_RINGS
        if not self._is_ring_owed:
            bells.ring(self._database, "changes")
            self._rung_at = now

    def close(self) -> None:
        self._bell.close()

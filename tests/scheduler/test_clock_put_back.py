"""A clock that is put back must not let the scheduler oversleep what it looks after by the clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.scheduler.harness import ME, START, Ship
from tradewind.core.fleet import Fleet
from tradewind.model.commands import TriggerRun
from tradewind.model.events import CommandGiven
from tradewind.scheduler.heartbeat import Heartbeat
from tradewind.scheduler.sources import SAFETY_LOOK, Sources
from tradewind.storage import components

HOUR = timedelta(hours=1)


@dataclass
class Wall:
    """A clock that goes where it is put."""

    shows: datetime

    def now(self) -> datetime:
        return self.shows


def test_the_inbox_is_looked_at_although_no_bell_was_heard(ship: Ship) -> None:
    sources = Sources(ship.database, ship.bell)
    sources.read(Fleet(1), START, ship.executor)
    ship.put(TriggerRun(dag_id="d", run_id="r", run_after=START))

    early = sources.read(Fleet(1), START + SAFETY_LOOK / 2, ship.executor)
    put_back = sources.read(Fleet(1), START - HOUR, ship.executor)

    assert not early
    assert [type(event) for event in put_back] == [CommandGiven]


def test_the_heart_beats_on(ship: Ship) -> None:
    clock = Wall(START)
    heartbeat = Heartbeat(ship.database, ME, ship.scheduler.epoch, clock)
    heartbeat.beat(None)

    clock.shows = START - HOUR
    heartbeat.beat(None)

    with ship.database.read() as connection:
        (row,) = components.living(connection)
    assert row.heartbeat_at == START - HOUR

"""The scheduler folds and forgets old runs by itself while nothing happens."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from tests.conformance.storage.pictures import differences
from tests.scheduler.harness import Ship, chain
from tradewind.model.keys import RunKey
from tradewind.scheduler.stop import Stop
from tradewind.scheduler.upkeep import EVERY, Kept, Upkeep
from tradewind.storage import history
from tradewind.storage.tables import event_log, xcom


def count(ship: Ship, table: sa.Table, *conditions: Any) -> int:
    with ship.database.read() as conn:
        return conn.execute(
            sa.select(sa.func.count()).select_from(table).where(*conditions)
        ).scalar_one()


def finish(ship: Ship, run_id: str) -> None:
    ship.trigger("chain", run_id)
    ship.settle()
    ship.executor.runs("a", xcoms=(("k", 1),))
    ship.settle()


def tidy(upkeep: Upkeep, ship: Ship) -> int:
    """Steps until there is nothing more to do for now."""
    for step in range(100):
        upkeep.tidy()
        if upkeep.due_at - ship.clock.now() == EVERY:
            return step
        ship.clock.move_to(upkeep.due_at)
    raise AssertionError("it never comes to rest")


def test_old_runs_are_folded_and_very_old_ones_lose_their_details(ship: Ship) -> None:
    ship.load(chain("a"))
    ship.settle()
    finish(ship, "old")
    ship.clock.move_to(ship.clock.now() + timedelta(days=60))
    finish(ship, "young")
    finish(ship, "latest")
    upkeep = ship.scheduler.upkeep
    unfolded = event_log.c.run.is_not(None)

    before = count(ship, event_log, unfolded)
    tidy(upkeep, ship)
    assert count(ship, event_log, unfolded) == before * 2 // 3
    with ship.database.read() as conn:
        assert differences(conn) == []
        assert len(history.of_run(conn, RunKey("chain", "old"))) > 3

    ship.clock.move_to(ship.clock.now() + timedelta(days=31))
    tidy(upkeep, ship)
    assert count(ship, event_log, unfolded) == 0
    assert count(ship, xcom, xcom.c.run_id == "old") == 0
    assert count(ship, xcom) == 2
    with ship.database.read() as conn:
        assert len(history.of_run(conn, RunKey("chain", "old"))) == 1
        assert len(history.of_run(conn, RunKey("chain", "young"))) > 3
    assert ship.run("old").tasks[0].try_number == 1


def test_nothing_is_lost_that_is_to_be_kept_for_ever(ship: Ship) -> None:
    ship.load(chain("a"))
    ship.settle()
    finish(ship, "old")
    finish(ship, "latest")
    ship.clock.move_to(ship.clock.now() + timedelta(days=400))
    before = count(ship, event_log)
    keep_all = Kept(events=None, details=None)
    tidy(Upkeep(ship.database, ship.scheduler.epoch, ship.clock, keep_all), ship)
    assert count(ship, event_log) == before


def test_it_is_done_in_the_loop(ship: Ship) -> None:
    """A scheduler that is busy now and then gets to it too: it needs one turn without events."""
    ship.load(chain("a"))
    ship.settle()
    finish(ship, "old")
    ship.clock.move_to(ship.clock.now() + timedelta(days=8))
    stop = Stop()
    stop.set()
    ship.scheduler._rest(stop)
    assert count(ship, event_log, event_log.c.folded.is_not(None)) == 1

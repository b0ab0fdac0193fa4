"""The one entry to all scheduling: what has happened, and when, to what follows from it.

`decide(fleet, event, now)` brings the fleet up to date and answers Changes: rows to write and
orders to give. It is pure: no I/O, no clock, no chance (tokens are epoch and serial). The same
events from the same start give the same Changes. Every kind of event has one handler; what the handler changed is then settled
until nothing follows from it any more.

The fleet is all unfinished runs in memory, with their counters, heaps and limits. A visitor is a
finished run that the loop has read in for one event, say to clear it. A Turn collects what one
event leads to.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tradewind.core import attempts, commands, due_times, surroundings
from tradewind.core.assets import make_asset_runs
from tradewind.core.due_runs import arm_schedules
from tradewind.core.endings import end_tasks
from tradewind.core.expansion import grow
from tradewind.core.fleet import Fleet
from tradewind.core.moving import move_runs
from tradewind.core.readiness import hand_out_slots, look_at_tasks
from tradewind.core.run_making import make_tasks
from tradewind.core.run_state import close_runs, start_runs
from tradewind.core.turn import SLICE, Turn
from tradewind.model import events
from tradewind.model.changes import Change, WakeAt
from tradewind.model.events import Event

HANDLERS: dict[type, Callable[[Turn, Any], None]] = {
    events.Tick: due_times.tick,
    events.DagLoaded: surroundings.dag_loaded,
    events.PoolsChanged: surroundings.pools_changed,
    events.SlotsChanged: surroundings.slots_changed,
    events.AttemptStarted: attempts.started,
    events.CodeLoaded: attempts.loaded,
    events.AttemptEnded: attempts.ended,
    events.XComPushed: attempts.pushed,
    events.FieldsRendered: attempts.rendered,
    events.CommandGiven: commands.given,
}


def decide(fleet: Fleet, event: Event, now: datetime) -> list[Change]:
    """What follows from `event` at `now`. Updates `fleet` in place.

    First the scheduler's loop admits the rows that `needs(fleet, event, now)` names. If writing the
    Changes fails, the fleet must be thrown away: it is ahead of the store.
    """
    turn = Turn(fleet, now)
    due_times.fire(turn)  # whatever came due before the event happens before it
    HANDLERS[type(event)](turn, event)
    settle(turn)
    fleet.dismiss_visitors()
    announce_wake(turn)
    return turn.changes


STEPS = (
    commands.carry_on,
    end_tasks,
    move_runs,
    make_asset_runs,
    make_tasks,
    grow,
    start_runs,
    look_at_tasks,
    hand_out_slots,
    close_runs,
    arm_schedules,
)


def settle(turn: Turn) -> None:
    """Follow every consequence: of runs to tasks, of tasks to slots, of slots to runs.

    It ends: each round moves a task or run at least one step on, and none ever steps back here.
    What is too much for one turn stays in the fleet's worklists, and the loop is told to come back
    at once. Should the fleet be lost meanwhile, the next one finds the same work in the rows.
    """
    fleet = turn.fleet
    while not fleet.is_settled:
        for step in STEPS:
            turn.begin_step()
            step(turn)
        if turn.spent >= SLICE:
            break
    fleet.unsettled_since = None if fleet.is_settled else turn.now


def announce_wake(turn: Turn) -> None:
    """Say when the earliest due time is another one than before.

    The loop asks `fleet.next_wake()` before it sleeps; whoever only has the Changes reads this.
    """
    wake = turn.fleet.next_wake()
    if wake != turn.fleet.announced:
        turn.fleet.announced = wake
        if wake is not None:
            turn.emit(WakeAt(wake))

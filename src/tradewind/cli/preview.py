"""What a command would do, decided here and written nowhere: for when no scheduler is running."""

from typing import Any

from tradewind.cli import inbox
from tradewind.cli.wiring import Wiring
from tradewind.core.decide import decide
from tradewind.core.fleet import Fleet
from tradewind.core.needs import needs
from tradewind.model.changes import CommandAnswered
from tradewind.model.commands import Command
from tradewind.model.errors import Refused
from tradewind.model.events import CommandGiven
from tradewind.storage import fleet as stored_fleet


def preview(wiring: Wiring, command: Command) -> dict[str, Any]:
    """The answer to a command that is a dry run: the scheduler's, else that of the same rules.

    Raises Refused with the reason.
    """
    if inbox.scheduler_is_running(wiring):
        return inbox.ask(wiring, command) or {}
    now = wiring.now()
    event = CommandGiven("preview", command)
    with wiring.database.read() as connection:
        fleet = Fleet.build(stored_fleet.load(connection, 0))
        for query in needs(fleet, event, now):
            fleet.admit(*stored_fleet.find_runs(connection, query))
    (answer,) = (item for item in decide(fleet, event, now) if isinstance(item, CommandAnswered))
    if not answer.applied:
        raise Refused(answer.reason)
    return answer.result

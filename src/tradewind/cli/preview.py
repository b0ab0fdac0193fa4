"""What a command would do, decided here and written nowhere: for when no scheduler is running."""

from contextlib import closing
from datetime import datetime
from typing import Any

from tradewind.cli import inbox
from tradewind.cli.asking_timetables import Asking
from tradewind.cli.wiring import Wiring
from tradewind.core.decide import decide
from tradewind.core.fleet import Fleet
from tradewind.core.needs import needs
from tradewind.model.changes import CommandAnswered, TimetableAsked
from tradewind.model.commands import Command, TimetableSaid
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
    with closing(Asking(wiring)) as ask:
        while (answer := _decided(fleet, event, now, ask)) is None:
            pass
    if not answer.applied:
        raise Refused(answer.reason)
    return answer.result


def _decided(
    fleet: Fleet, event: CommandGiven, now: datetime, ask: Asking
) -> CommandAnswered | None:
    """The answer; None if it takes what an author's timetable has just been asked."""
    named = getattr(event.command, "dag_id", None)
    for change in decide(fleet, event, now):
        match change:
            case CommandAnswered(command_id=event.command_id):
                return change
            case TimetableAsked(dag_id, question) if dag_id == named:
                said = ask(fleet.dags[dag_id], question)
                told = TimetableSaid(dag_id=dag_id, question=question, answer=said)
                decide(fleet, CommandGiven("told", told), now)
    return None

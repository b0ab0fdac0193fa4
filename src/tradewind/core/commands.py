"""Commands: each is carried out as a whole or refused as a whole, and answered once.

One that concerns very many task instances or runs is carried out in slices, over several turns,
and answered with the last.
"""

from collections.abc import Callable
from typing import Any

from tradewind.core import assets, human_input
from tradewind.core.answers import NotPossible, apply, refuse
from tradewind.core.backfill import cancel_some, create_backfill, patch_backfill
from tradewind.core.clear import clear_some, clear_tasks
from tradewind.core.deferral import said
from tradewind.core.fork import fork_run
from tradewind.core.mark import go_on_marking, mark_some, mark_task, patch_run
from tradewind.core.taken import SliceFailed, Taken
from tradewind.core.timetable_answers import ask, told
from tradewind.core.trigger import trigger_run
from tradewind.core.turn import Turn
from tradewind.model import commands
from tradewind.model.changes import CommandTaken
from tradewind.model.errors import InvalidSchedule
from tradewind.model.events import CommandGiven
from tradewind.timetables import NotToldYet

CARRY_OUT: dict[type, Callable[[Turn, Any], dict[str, Any] | commands.Command]] = {
    commands.TriggerRun: trigger_run,
    commands.ClearTasks: clear_tasks,
    commands.ForkRun: fork_run,
    commands.PatchRun: patch_run,
    commands.MarkTask: mark_task,
    commands.CreateBackfill: create_backfill,
    commands.PatchBackfill: patch_backfill,
    commands.CreateAssetEvent: assets.create_event,
    commands.DropQueuedEvents: assets.drop_queued,
    commands.TriggerSaid: said,
    commands.TimetableSaid: told,
    commands.AskPerson: human_input.ask,
    commands.Respond: human_input.respond,
    commands.RespondForNobody: human_input.respond_for_nobody,
}
"""What each does: its answer, or the command that is to be carried out slice by slice."""

CARRY_ON: dict[type, Callable[[Turn, Any], dict[str, Any] | None]] = {
    commands.ClearListed: clear_some,
    commands.MarkListed: mark_some,
    commands.PatchRun: go_on_marking,
    commands.PatchBackfill: cancel_some,
}
"""Does one slice of those: the answer when it was the last, else None."""


def given(turn: Turn, event: CommandGiven) -> None:
    """A user asked for something. What needs an answer of an author's timetable waits for that."""
    try:
        result = CARRY_OUT[type(event.command)](turn, event.command)
    except NotPossible as refusal:
        refuse(turn, event.command_id, refusal)
    except InvalidSchedule as error:
        refuse(turn, event.command_id, NotPossible(400, str(error)))
    except NotToldYet as gap:  # it stays in the inbox, and is given again
        assert isinstance(
            event.command, commands.TriggerRun | commands.ForkRun | commands.CreateBackfill
        )
        ask(turn, turn.fleet.dags[event.command.dag_id], gap.question)
    else:
        if isinstance(result, dict):
            apply(turn, event.command_id, result)
        else:
            taken = Taken(event.command_id, result)
            turn.fleet.pinned |= taken.runs()
            turn.begin_step()
            _do_a_slice(turn, taken, result)


def carry_on(turn: Turn) -> None:
    """Do a slice of each command that takes several turns."""
    fleet = turn.fleet
    for _ in range(len(fleet.taken)):
        if not turn.has_room:
            return
        _do_a_slice(turn, fleet.taken.popleft(), None)


def _do_a_slice(turn: Turn, taken: Taken[Any], as_worked_out: commands.Command | None) -> None:
    try:
        result = CARRY_ON[type(taken.command)](turn, taken)
    except Exception as bug:
        raise SliceFailed(taken.command_id) from bug
    if result is None:
        turn.fleet.taken.append(taken)
        turn.emit(CommandTaken(taken.command_id, taken.done, as_worked_out))
    else:
        turn.fleet.unpin(taken.runs())
        apply(turn, taken.command_id, result)

"""Commands: each is carried out as a whole or refused as a whole, and answered once."""

from collections.abc import Callable
from typing import Any

from tradewind.core.answers import NotPossible, apply, refuse
from tradewind.core.backfill import create_backfill, patch_backfill
from tradewind.core.clear import clear_tasks
from tradewind.core.mark import mark_task, patch_run
from tradewind.core.trigger import trigger_run
from tradewind.core.turn import Turn
from tradewind.model import commands
from tradewind.model.events import CommandGiven

CARRY_OUT: dict[type, Callable[[Turn, Any], dict[str, Any]]] = {
    commands.TriggerRun: trigger_run,
    commands.ClearTasks: clear_tasks,
    commands.PatchRun: patch_run,
    commands.MarkTask: mark_task,
    commands.CreateBackfill: create_backfill,
    commands.PatchBackfill: patch_backfill,
}


def given(turn: Turn, event: CommandGiven) -> None:
    """A user asked for something."""
    try:
        result = CARRY_OUT[type(event.command)](turn, event.command)
    except NotPossible as refusal:
        refuse(turn, event.command_id, refusal)
    else:
        apply(turn, event.command_id, result)

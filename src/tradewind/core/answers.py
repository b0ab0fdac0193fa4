"""The one answer that every command gets."""

from typing import Any

from tradewind.core.instances import Run
from tradewind.core.turn import Turn
from tradewind.model.changes import CommandAnswered
from tradewind.model.errors import Refused


class NotPossible(Refused):
    """A command cannot be carried out; `status` says in HTTP's terms why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def refuse_if_busy(turn: Turn, run: Run) -> None:
    """Raise NotPossible for a run that is in the middle of a larger change."""
    if run.key in turn.fleet.pinned or run.ending is not None:
        raise NotPossible(
            409, f"run {run.key.run_id} is being cleared or ended; try again when that is done"
        )


def apply(turn: Turn, command_id: str, result: dict[str, Any]) -> None:
    """It was done."""
    turn.emit(CommandAnswered(command_id, applied=True, result=result))


def refuse(turn: Turn, command_id: str, refusal: NotPossible) -> None:
    """It was not, and nothing else was."""
    turn.emit(
        CommandAnswered(command_id, applied=False, reason=refusal.reason, status=refusal.status)
    )

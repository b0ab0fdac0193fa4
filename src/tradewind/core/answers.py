"""The one answer that every command gets."""

from typing import Any

from tradewind.core.turn import Turn
from tradewind.model.changes import CommandAnswered
from tradewind.model.errors import Refused


class NotPossible(Refused):
    """A command cannot be carried out; `status` says in HTTP's terms why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def apply(turn: Turn, command_id: str, result: dict[str, Any]) -> None:
    """It was done."""
    turn.emit(CommandAnswered(command_id, applied=True, result=result))


def refuse(turn: Turn, command_id: str, refusal: NotPossible) -> None:
    """It was not, and nothing else was."""
    turn.emit(
        CommandAnswered(command_id, applied=False, reason=refusal.reason, status=refusal.status)
    )

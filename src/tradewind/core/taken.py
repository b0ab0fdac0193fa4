"""A command that takes several turns: half carried out, no longer to be withdrawn, not yet answered.

Its row stays in the inbox and says how far it has come, so that the next scheduler can go on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tradewind.model.commands import ClearListed, Command, MarkListed, PatchRun
from tradewind.model.errors import Bug
from tradewind.model.keys import RunKey

C = TypeVar("C", bound=Command)


class SliceFailed(Bug):
    """A command cannot be carried on, whatever event it was that gave it its turn."""

    def __init__(self, command_id: str) -> None:
        super().__init__(f"command {command_id} cannot be carried on")
        self.command_id = command_id


@dataclass(slots=True)
class Taken(Generic[C]):
    """One such command."""

    command_id: str
    command: C
    done: int = 0
    """How much of it is done, for those that must not do the same twice."""
    ahead: Iterator[Any] | None = None
    """What is left to do, as far as this fleet has worked it out."""

    def runs(self) -> set[RunKey]:
        """The runs that nobody else may change meanwhile."""
        match self.command:
            case ClearListed(dag_id=dag_id, tasks=tasks):
                return {RunKey(dag_id, run_id) for run_id, _, _ in tasks[self.done :]}
            case MarkListed(dag_id=dag_id, tasks=tasks, again=again):
                return {RunKey(dag_id, run_id) for run_id, _, _ in (*tasks, *again)}
            case PatchRun(dag_id=dag_id, run_id=run_id):
                return {RunKey(dag_id, run_id)}
        return set()

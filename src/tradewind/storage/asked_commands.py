"""What tasks and triggers ask for that only a decision can do: a run of another DAG, say. It takes the
way of users' commands, through the inbox, and its question is answered when the command has been.
"""

from typing import Any, Generic, TypeVar

from tradewind.model.clock import Clock
from tradewind.model.commands import (
    AskPerson,
    ClearTasks,
    Command,
    RespondForNobody,
    TriggerRun,
)
from tradewind.model.requests import AnswerInput, AskInput, ClearRun, MakeRun, Request
from tradewind.storage import bells, inbox
from tradewind.storage.database import Database
from tradewind.storage.inbox import CommandOutcome


def command_of(request: Request, token: str) -> Command | None:
    """The command that the attempt of a token asks for; None where it only asks to be told something."""
    match request:
        case MakeRun():
            return TriggerRun(
                dag_id=request.dag_id,
                run_id=request.run_id,
                run_after=request.run_after,
                logical_date=request.logical_date,
                conf=request.conf,
                note=request.note,
                triggered_by="operator",
                triggering_user_name=request.triggering_user_name,
            )
        case ClearRun():
            return ClearTasks(dag_id=request.dag_id, run_ids=(request.run_id,))
        case AskInput(form=form):
            return AskPerson(token=token, form=form)
        case AnswerInput():
            return RespondForNobody(
                token=request.token,
                chosen_options=request.chosen_options,
                params_input=request.params_input,
            )
    return None


Question = TypeVar("Question")


class AskedCommands(Generic[Question]):
    """Questions that wait for their command. A question names its command, so one that is repeated,
    after a scheduler has died perhaps, finds the outcome of the first."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: dict[str, Question] = {}
        """By the id of the command."""

    def ask(self, command_id: str, question: Question, command: Command) -> None:
        """Leave the command, unless it was left before."""
        with self._database.write() as connection:
            if inbox.outcome(connection, command_id) is None:
                inbox.put_once(connection, command_id, command, self._clock.now())
        self._waiting[command_id] = question
        bells.ring(self._database, "scheduler")

    def forget(self) -> None:
        """Nobody waits for answers any more; what is asked for is done all the same."""
        self._waiting.clear()

    def answered(self) -> list[tuple[Question, dict[str, Any]]]:
        """The questions whose commands have been, each once, with their answers."""
        if not self._waiting:
            return []
        with self._database.read() as connection:
            outcomes = inbox.outcomes(connection, list(self._waiting))
        return [(self._waiting.pop(name), _told(outcome)) for name, outcome in outcomes.items()]


def _told(outcome: CommandOutcome) -> dict[str, Any]:
    return {"applied": outcome.applied, "status": outcome.status, "reason": outcome.reason}

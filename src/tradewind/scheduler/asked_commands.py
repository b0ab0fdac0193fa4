"""What tasks ask for that only a decision can do: a run of another DAG, say. It takes the way of users'
commands, through the inbox, and its question is answered when the command has been.
"""

from tradewind.executors.protocol import Executor, Question
from tradewind.model.clock import Clock
from tradewind.model.commands import ClearTasks, Command, TriggerRun
from tradewind.model.requests import ClearRun, MakeRun, Request
from tradewind.storage import bells, inbox
from tradewind.storage.database import Database
from tradewind.storage.inbox import CommandOutcome


def command_of(request: Request) -> Command | None:
    """The command that a request asks for; None for one that only asks to be told something."""
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
    return None


class AskedCommands:
    """Questions that wait for their command. A question names its command, so one that is repeated,
    after a scheduler has died perhaps, finds the outcome of the first."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: dict[str, Question] = {}
        """By the id of the command."""

    def ask(self, question: Question, command: Command) -> None:
        """Leave the command, unless it was left before."""
        command_id = f"{question.token}/{question.request_id}"
        with self._database.write() as connection:
            if inbox.outcome(connection, command_id) is None:
                inbox.put_once(connection, command_id, command, self._clock.now())
        self._waiting[command_id] = question
        bells.ring(self._database, "scheduler")

    def answer(self, executor: Executor) -> int:
        """Answer the questions whose commands have been; how many there were."""
        if not self._waiting:
            return 0
        with self._database.read() as connection:
            outcomes = inbox.outcomes(connection, list(self._waiting))
        for command_id, outcome in outcomes.items():
            executor.answer(self._waiting.pop(command_id), _told(outcome))
        return len(outcomes)


def _told(outcome: CommandOutcome) -> dict[str, object]:
    return {"applied": outcome.applied, "status": outcome.status, "reason": outcome.reason}

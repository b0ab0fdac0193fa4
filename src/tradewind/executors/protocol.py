"""What the scheduler asks of whatever runs attempts. Executors report events; they set no state."""

from dataclasses import dataclass
from typing import Any, Protocol

from tradewind.model.attempts import Attempt
from tradewind.model.events import Event
from tradewind.model.requests import Request
from tradewind.model.states import TaskState


@dataclass(frozen=True, slots=True)
class Question:
    """A running attempt, or a file being loaded for one, asks something of the database."""

    token: str
    request_id: int
    request: Request


class Executor(Protocol):
    """Runs attempts somewhere and tells what becomes of them. No method waits for a task.

    What `dispatch`, `kill` and `acknowledge` order may wait for `flush`, which gives all at once.
    """

    name: str
    slots: int
    """Attempts it can run at once."""

    def start(self, epoch: int) -> None:
        """Get ready under a leadership; orders of an earlier one are refused from now on."""
        ...

    def fileno(self) -> int:
        """Readable when `receive` has something. May change after a call to `receive`."""
        ...

    def receive(self) -> list[Event | Question]:
        """What has happened since the last call, without waiting."""
        ...

    def dispatch(self, attempt: Attempt) -> None:
        """Start an attempt. Its end is reported until `acknowledge`."""
        ...

    def kill(self, token: str, reason: str) -> None:
        """End an attempt's processes."""
        ...

    def acknowledge(self, token: str, state: TaskState) -> None:
        """The end of an attempt is in the database and left its task in `state`."""
        ...

    def flush(self) -> None:
        """Give every order that waits."""
        ...

    def answer(self, question: Question, data: Any = None, *, error: str | None = None) -> None:
        """Answer a question with JSON data, or refuse it with a message."""
        ...

    def answers_changed(self) -> None:
        """A Variable or Connection is different: what is dispatched from now on must not run in a
        process that loaded its file with another value."""
        ...

    def reconcile(self, tokens: set[str]) -> list[Event]:
        """Take over the attempts that the database has in flight. Answers the ends of those it
        knows nothing of; what it does know comes through `receive`."""
        ...

    def stop(self, kill_tasks: bool) -> None:
        """Take nothing new; end the running tasks, or let them go on without us."""
        ...

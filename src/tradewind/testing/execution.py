"""Executes the attempts of a test run in this process and says what a supervisor would say."""

import os
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tradewind.authoring.dag import DAG
from tradewind.model.attempts import Attempt, Outcome, Result
from tradewind.model.commands import AskPerson
from tradewind.model.errors import NotFound
from tradewind.model.events import (
    AttemptEnded,
    AttemptStarted,
    CommandGiven,
    Event,
    FieldsRendered,
    XComPushed,
)
from tradewind.model.requests import AskInput, Request
from tradewind.model.states import TaskState
from tradewind.runtime import inline
from tradewind.testing.answers import APPLIED, Answer

Say = Callable[[Event], TaskState | None]
"""Hands an event over; the answer to an end is what it made of the task."""


@dataclass(frozen=True, slots=True)
class TaskHost:
    """The host of user code in a test: answers at once, hands XComs over at once."""

    token: str
    answer: Answer
    say: Say

    def ask(self, request: Request) -> Any:
        if isinstance(request, AskInput):
            self.say(CommandGiven("", AskPerson(token=self.token, form=request.form)))
            return APPLIED
        return self.answer(request)

    def push_xcom(self, key: str, value: Any) -> None:
        self.say(XComPushed(self.token, key, value))


@dataclass(frozen=True, slots=True)
class TriggerHost:
    """The host of triggers in a test."""

    answer: Answer

    def ask(self, request: Request) -> Any:
        return self.answer(request)

    def push_xcom(self, key: str, value: Any) -> None:
        raise NotFound(f"XCom {key!r} can only be pushed by a task, not by a trigger")


@dataclass(frozen=True, slots=True)
class InlineExecution:
    """Runs the tasks of one DAG here and now; those that `pretend` fits only seem to run."""

    dag: DAG
    answer: Answer
    pretend: re.Pattern[str] | None = None

    def __call__(self, attempt: Attempt, say: Say) -> Outcome:
        """Execute to the end, callbacks included."""
        token = attempt.token
        if self.pretend is not None and self.pretend.search(attempt.key.task_id):
            outcome = Outcome(result=Result.SUCCESS, end_date=datetime.now(UTC))
            say(AttemptEnded(token, outcome))
            return outcome
        host = TaskHost(token, self.answer, say)
        say(AttemptStarted(token, os.getpid(), socket.gethostname(), datetime.now(UTC)))

        def say_rendered(event: FieldsRendered) -> None:
            say(event)

        ran = inline.run_attempt(self.dag, attempt, host, say=say_rendered)
        state = say(AttemptEnded(token, ran.outcome))
        if state is not None:
            inline.run_callbacks(ran, state, host)
        return ran.outcome

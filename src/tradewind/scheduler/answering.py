"""Answers what running tasks ask for: Variables, Connections, XComs, states of runs.

Reads go through a read-only connection; only the few requests that write get another.
"""

import json
import logging
from dataclasses import replace

from tradewind.executors.protocol import Executor, Question
from tradewind.model.clock import Clock
from tradewind.model.errors import UserError
from tradewind.model.events import AttemptEnded, Event
from tradewind.scheduler.trouble import TROUBLE
from tradewind.storage import answers, bells
from tradewind.storage.asked_commands import AskedCommands, command_of
from tradewind.storage.database import Database
from tradewind.storage.secrets import Cipher

log = logging.getLogger(__name__)


class Answering:
    """Holds the database and the key that a task's process must not have."""

    def __init__(self, database: Database, cipher: Cipher, clock: Clock) -> None:
        self._database = database
        self._cipher = cipher
        self._commands = AskedCommands[Question](database, clock)

    def seal(self, event: Event) -> Event:
        """The same event, with what a deferred task makes its trigger of encrypted: it may hold
        secrets, and is about to be stored."""
        if not isinstance(event, AttemptEnded) or event.outcome.deferral is None:
            return event
        deferral = event.outcome.deferral
        if deferral.at is not None or deferral.classpath is None:  # there is no trigger
            return event
        sealed = replace(deferral, kwargs=self._cipher.encrypt(json.dumps(deferral.kwargs)))
        return replace(event, outcome=replace(event.outcome, deferral=sealed))

    def answer(self, question: Question, executor: Executor) -> None:
        """Send the answer, or what is wrong with the request, to where it was asked.

        Raises what a failing database raises: then nothing was answered, and it can be repeated.
        """
        request = question.request
        command = command_of(request, question.token)
        if command is not None:
            self._commands.ask(f"{question.token}/{question.request_id}", question, command)
            return
        connect = self._database.write if answers.is_write(request) else self._database.read
        try:
            with connect() as connection:
                data = answers.answer(connection, request, self._cipher)
        except UserError as error:
            executor.answer(question, error=str(error))
        except TROUBLE:
            raise
        except Exception as bug:
            log.exception("%r cannot be answered", request)
            executor.answer(question, error=f"internal error of the scheduler: {bug!r}")
        else:
            executor.answer(question, data)
            if answers.is_write(request):
                bells.ring(self._database, "answers")

    def answer_asked(self, executor: Executor) -> int:
        """Answer the questions whose commands have been carried out or refused by now; how many."""
        answered = self._commands.answered()
        for question, told in answered:
            executor.answer(question, told)
        return len(answered)

"""Answers the Variables and Connections that DAG files ask for while they are read."""

from typing import Any

from tradewind.model.requests import Request
from tradewind.storage import answers, bells
from tradewind.storage.database import Database
from tradewind.storage.secrets import Cipher


class Answering:
    """Gives JSON data for a request. Raises UserError or EnvironmentFailure."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    def __call__(self, request: Request) -> Any:
        opened = self._database.write if answers.is_write(request) else self._database.read
        with opened() as connection:
            answer = answers.answer(connection, request, self._cipher)
        if answers.is_write(request):
            bells.ring(self._database, "answers")
        return answer

    def remembered(self) -> "RememberedAnswers":
        """For one look at many files: each question is put to the database once."""
        return RememberedAnswers(self)


class RememberedAnswers:
    """Answers of one moment."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._known: dict[Request, Any] = {}

    def __call__(self, request: Request) -> Any:
        if request not in self._known:
            self._known[request] = self._answering(request)
        return self._known[request]

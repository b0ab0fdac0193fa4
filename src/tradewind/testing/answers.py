"""Answers what tasks of a test run ask: its own store first, then whoever stands behind it."""

from collections.abc import Callable
from typing import Any

from tradewind.model.requests import (
    DeleteVariable,
    GetConnection,
    GetVariable,
    Request,
    VariableKeys,
)
from tradewind.storage import answers
from tradewind.storage.database import Database
from tradewind.storage.secrets import Cipher, generate_key

Answer = Callable[[Request], Any]


class TestAnswers:
    """What a test run sets it reads back; nothing it does reaches the real database."""

    __test__ = False  # no test class, whatever pytest makes of the name

    def __init__(self, database: Database, behind: Answer | None) -> None:
        self._database = database
        self._behind = behind
        self._cipher = Cipher(generate_key())
        self._deleted: set[str] = set()

    def __call__(self, request: Request) -> Any:
        if isinstance(request, DeleteVariable):
            self._deleted.add(request.key)
        with self._database.write() as connection:
            own = answers.answer(connection, request, self._cipher)
        if self._behind is None:
            return own
        match request:
            case GetVariable(key=key) if own is None and key not in self._deleted:
                return self._behind(request)
            case GetConnection():
                return self._behind(request)
            case VariableKeys():
                return sorted({*own, *self._behind(request)} - self._deleted)
        return own

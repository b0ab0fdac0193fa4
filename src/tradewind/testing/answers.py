"""Answers what tasks of a test run ask: its own store first, then whoever stands behind it."""

import logging
from collections.abc import Callable
from typing import Any

from tradewind.model.requests import (
    AnswerInput,
    AssetOf,
    ClearRun,
    DagOf,
    DeleteVariable,
    GetConnection,
    GetVariable,
    MakeRun,
    Request,
    RunCount,
    RunStateOf,
    VariableKeys,
)
from tradewind.model.states import RunState
from tradewind.storage import answers
from tradewind.storage.database import Database
from tradewind.storage.secrets import Cipher, generate_key

log = logging.getLogger("task")

Answer = Callable[[Request], Any]

APPLIED = {"applied": True, "status": 200, "reason": ""}
"""The answer to a question for a command."""


class TestAnswers:
    """What a test run sets it reads back; nothing it does reaches the real database."""

    __test__ = False  # no test class, whatever pytest makes of the name

    def __init__(self, database: Database, behind: Answer | None) -> None:
        self._database = database
        self._behind = behind
        self._cipher = Cipher(generate_key())
        self._deleted: set[str] = set()
        self._pretended: set[tuple[str, str]] = set()

    def __call__(self, request: Request) -> Any:
        match request:
            case DeleteVariable():
                self._deleted.add(request.key)
            case MakeRun() | ClearRun():
                return self._pretend(request)
            case AnswerInput():
                return APPLIED
            case RunStateOf() if (request.dag_id, request.run_id) in self._pretended:
                return RunState.SUCCESS.value
            case RunCount() if any(
                (request.dag_id, one) in self._pretended for one in request.run_ids
            ):
                is_asked_for = RunState.SUCCESS.value in (request.states or RunState)
                return len(request.run_ids) if is_asked_for else 0
        with self._database.write() as connection:
            own = answers.answer(connection, request, self._cipher)
        if isinstance(request, AssetOf):
            return own or self._asset_of(request)
        if self._behind is None:
            return own
        match request:
            case GetVariable(key=key) if own is None and key not in self._deleted:
                return self._behind(request)
            case GetConnection():
                return self._behind(request)
            case DagOf() if own is None:
                return self._behind(request)
            case VariableKeys():
                return sorted({*own, *self._behind(request)} - self._deleted)
        return own

    def _asset_of(self, request: AssetOf) -> Any:
        """What another DAG defines, maybe in a file that nobody has stored yet, is taken for there."""
        found = None if self._behind is None else self._behind(request)
        if found is None:
            name = request.name or request.uri
            log.warning(
                "This is a test: asset %s is in no DAG that is stored, and taken for there", name
            )
            found = {
                "id": 0,
                "name": name,
                "uri": request.uri or name,
                "group": "asset",
                "extra": {},
            }
        return found

    def _pretend(self, request: MakeRun | ClearRun) -> dict[str, Any]:
        """A test run makes no other run, and says so; whoever waits for it finds it a success."""
        log.warning(
            "This is a test: run %s of DAG %s is not made, and taken for a success",
            request.run_id,
            request.dag_id,
        )
        self._pretended.add((request.dag_id, request.run_id))
        return APPLIED

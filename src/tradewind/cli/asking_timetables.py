"""Puts questions to timetables of authors' own, for commands that run beside no scheduler or ahead of
it: the DAG's file is read for it, in a process of its own.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from tradewind.cli.local_dags import StoredAnswers
from tradewind.cli.wiring import Wiring
from tradewind.core.dag import Dag
from tradewind.loading.parser import Parser
from tradewind.model.codec import to_data
from tradewind.model.requests import Request, TimetableQuestions
from tradewind.model.timetable_questions import TimetableAnswer, TimetableQuestion


class Asking:
    """Asks, with one parse server for all questions; close it."""

    def __init__(self, wiring: Wiring, until: datetime | None = None) -> None:
        """`until`: up to when runs are wanted, as far as it costs nothing to name them."""
        self._wiring = wiring
        self._stored = StoredAnswers(wiring)
        self._until = None if until is None else until.isoformat()
        self._asked: list[Any] = []
        self._parser: Parser | None = None

    def __call__(self, dag: Dag, question: TimetableQuestion) -> TimetableAnswer:
        """What the timetable of the DAG says."""
        if self._parser is None:
            self._parser = Parser(self._wiring.settings, self._answer)
        self._asked = [[dag.dag_id, to_data(question)]]
        parsed = self._parser.parse(Path(dag.fileloc))
        if parsed.error is not None:
            return TimetableAnswer(error=f"{dag.fileloc} cannot be read")
        for said in parsed.told:
            if (said.dag_id, said.question) == (dag.dag_id, question):
                return said.answer
        return TimetableAnswer(error=f"{dag.fileloc} does not define it as before")

    def close(self) -> None:
        """End the parse server."""
        if self._parser is not None:
            self._parser.close()

    def _answer(self, request: Request) -> Any:
        if isinstance(request, TimetableQuestions):
            return {
                "until": self._until,
                "questions": [one for one in self._asked if one[0] in request.dag_ids],
            }
        return self._stored(request)

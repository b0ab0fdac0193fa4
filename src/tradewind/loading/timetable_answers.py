"""Puts the scheduler's questions to the timetables of authors' own, while their file is read."""

from collections.abc import Iterable
from datetime import datetime

from tradewind.authoring.custom_timetable import answer_question, own_of
from tradewind.authoring.dag import DAG
from tradewind.authoring.host import Host
from tradewind.model.codec import from_data
from tradewind.model.commands import TimetableSaid
from tradewind.model.requests import TimetableQuestions
from tradewind.model.timetable_questions import TimetableQuestion


def answer_timetables(dags: Iterable[DAG], host: Host) -> tuple[TimetableSaid, ...]:
    """Their answers to all that `host` says is asked of them."""
    own = {dag.dag_id: found for dag in dags if (found := own_of(dag.timetable)) is not None}
    if not own:
        return ()
    asked = host.ask(TimetableQuestions(dag_ids=tuple(own)))
    until = datetime.fromisoformat(asked["until"]) if asked["until"] else None
    said = []
    for dag_id, data in asked["questions"]:
        question = from_data(TimetableQuestion, data)
        given = answer_question(own[dag_id], question, until)
        said.append(TimetableSaid(dag_id=dag_id, question=question, answer=given))
    return tuple(said)

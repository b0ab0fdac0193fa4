"""Timetables of authors' own: what core must know of them is asked, and what waits for it goes on.

A question is a row that the DAG processor reads; the answer comes through the inbox like a command.
Who needed it looks again then: the schedule, backfills, and commands, which stay in the inbox.
"""

from typing import Any

from tradewind.core.dag import Dag
from tradewind.core.turn import Turn
from tradewind.model.changes import TimetableAsked, TimetableTold
from tradewind.model.commands import TimetableSaid
from tradewind.model.timetable_questions import TimetableQuestion


def ask(turn: Turn, dag: Dag, question: TimetableQuestion) -> None:
    """Have a question put to the author's code, once."""
    if question not in dag.asked:
        dag.asked.add(question)
        turn.emit(TimetableAsked(dag.dag_id, question))


def told(turn: Turn, command: TimetableSaid) -> dict[str, Any]:
    """Take an answer, and go on with what waits for it."""
    fleet = turn.fleet
    turn.emit(TimetableTold(command.dag_id, command.question))
    dag = fleet.dags.get(command.dag_id)
    if dag is None:
        return {}
    dag.asked.discard(command.question)
    dag.timetable.tell(command.question, command.answer)
    fleet.unarmed.add(dag.dag_id)
    for backfill in fleet.backfills.values():
        if backfill.row.dag_id == dag.dag_id and not backfill.row.all_made:
            fleet.make_at(turn.now, backfill.row.backfill_id)
    return {}

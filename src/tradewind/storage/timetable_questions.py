"""What the scheduler wants to know of authors' own timetables, until it has been told."""

import hashlib
import json
from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa

from tradewind.model.changes import TimetableAsked, TimetableTold
from tradewind.model.codec import from_data, to_data
from tradewind.model.timetable_questions import TimetableQuestion
from tradewind.storage import statements
from tradewind.storage.tables import dag, timetable_question

_UPSERT = statements.upsert(timetable_question)
_DELETE = statements.delete(timetable_question)

Asked = tuple[str, TimetableQuestion]
"""Of which DAG, and what."""


def write(
    conn: sa.Connection, changes: Iterable[TimetableAsked | TimetableTold], now: datetime
) -> None:
    """Keep the questions asked, forget those answered; the last word on each counts."""
    asked, told = [], []
    for change in {(change.dag_id, change.question): change for change in changes}.values():
        key = {"dag_id": change.dag_id, "digest": _digest(change.question)}
        if isinstance(change, TimetableTold):
            told.append(key)
        else:
            asked.append({**key, "question": to_data(change.question), "asked_at": now})
    _UPSERT.run(conn, asked)
    _DELETE.run(conn, told)


def of_dags(conn: sa.Connection, dag_ids: Collection[str]) -> list[Asked]:
    """What waits for an answer of these DAGs' timetables, oldest first."""
    return _found(conn, timetable_question.c.dag_id.in_(list(dag_ids)))


def of_file(conn: sa.Connection, fileloc: str) -> list[Asked]:
    """What waits for an answer of timetables in this file, oldest first."""
    in_file = sa.select(dag.c.dag_id).where(dag.c.fileloc == fileloc)
    return _found(conn, timetable_question.c.dag_id.in_(in_file))


def files(conn: sa.Connection) -> set[str]:
    """The files whose timetables have something to answer."""
    query = sa.select(dag.c.fileloc).join(
        timetable_question, timetable_question.c.dag_id == dag.c.dag_id
    )
    return {row.fileloc for row in conn.execute(query.distinct())}


def _found(conn: sa.Connection, condition: sa.ColumnElement[bool]) -> list[Asked]:
    query = (
        sa.select(timetable_question.c.dag_id, timetable_question.c.question)
        .where(condition)
        .order_by(timetable_question.c.asked_at, timetable_question.c.digest)
    )
    return [(row.dag_id, from_data(TimetableQuestion, row.question)) for row in conn.execute(query)]


def _digest(question: TimetableQuestion) -> str:
    return hashlib.sha256(json.dumps(to_data(question), sort_keys=True).encode()).hexdigest()

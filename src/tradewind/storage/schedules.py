"""How far each DAG's schedule has come: its last run and its next."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from tradewind.model.changes import ScheduleMoved
from tradewind.model.intervals import RunInfo
from tradewind.storage.statements import Insert, Statement
from tradewind.storage.tables import dag_schedule


def _upsert(insert: Insert) -> Any:
    """A last run of NULL keeps the one that is there: no schedule ever forgets how far it came."""
    statement = insert(dag_schedule).values(
        {column.name: sa.bindparam(column.name, type_=column.type) for column in dag_schedule.c}
    )
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[dag_schedule.c.dag_id],
        set_={
            column.name: sa.case((new.last_run_after.is_(None), column), else_=new[column.name])
            if column.name.startswith("last_")
            else new[column.name]
            for column in dag_schedule.c
            if not column.primary_key
        },
    )


_MOVE = Statement(_upsert)


def move(conn: sa.Connection, moves: Sequence[ScheduleMoved]) -> None:
    """Write how far schedules have come; `last` of None keeps the one that is known."""
    _MOVE.run(
        conn,
        [
            {"dag_id": move.dag_id, **_row("last", move.last), **_row("next", move.next)}
            for move in moves
        ],
    )


def _row(prefix: str, info: RunInfo | None) -> dict[str, Any]:
    interval = info.data_interval if info else None
    return {
        f"{prefix}_run_after": info.run_after if info else None,
        f"{prefix}_interval_start": interval.start if interval else None,
        f"{prefix}_interval_end": interval.end if interval else None,
    }

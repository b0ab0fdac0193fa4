"""How a run is made and moved on, in SQL: as in `tasks`, a run is one row, compared before it is
written.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from tradewind.model.changes import RunChanged
from tradewind.model.errors import StaleWrite
from tradewind.model.keys import RunKey
from tradewind.model.snapshots import RunSnapshot, TaskSnapshot
from tradewind.model.states import RunState, RunType
from tradewind.storage import statements
from tradewind.storage.statements import Statement
from tradewind.storage.tables import dag_run

_COLUMNS = tuple(column.name for column in dag_run.c)
_FACTS = tuple(name for name in _COLUMNS if name not in ("dag_id", "run_id"))

_INSERT = statements.insert(dag_run)

_MOVE = Statement(
    sa.update(dag_run)
    .where(
        dag_run.c.dag_id == sa.bindparam("key_dag_id"),
        dag_run.c.run_id == sa.bindparam("key_run_id"),
        dag_run.c.state.is_not_distinct_from(sa.bindparam("before_state")),
    )
    .values({name: sa.bindparam(name, type_=dag_run.c[name].type) for name in _FACTS})
)


def create(conn: sa.Connection, runs: Iterable[RunSnapshot]) -> None:
    """Insert new runs, without their task instances."""
    _INSERT.run(conn, [_row(run) for run in runs])


def move(conn: sa.Connection, changes: Sequence[RunChanged]) -> None:
    """Write every row if its state is as its change expects; one change per run.

    Raises StaleWrite if any was in another state.
    """
    rows = [
        {
            **_row(change.run),
            "key_dag_id": change.run.key.dag_id,
            "key_run_id": change.run.key.run_id,
            "before_state": change.before.value,
        }
        for change in changes
    ]

    def check(moved: int) -> None:
        if moved != len(rows):
            told = ", ".join(f"{'/'.join(one.run.key)} {one.before}" for one in changes[:5])
            raise StaleWrite(
                f"{len(rows) - moved} of {len(rows)} runs are not as the decision took them to "
                f"be: {told}"
            )

    _MOVE.run(conn, rows, check)


def load(conn: sa.Connection, condition: sa.ColumnElement[bool]) -> list[RunSnapshot]:
    """The runs that a condition on `dag_run` selects, oldest first, without task instances."""
    query = sa.select(*dag_run.c).where(condition)
    return [
        snapshot(row) for row in conn.execute(query.order_by(dag_run.c.run_after, dag_run.c.dag_id))
    ]


def with_tasks(
    run: RunSnapshot,
    tasks: Sequence[TaskSnapshot],
    choices: Sequence[tuple[str, int, Any]] = (),
) -> RunSnapshot:
    """The same run with its task instances and what they have chosen."""
    return dataclasses.replace(run, tasks=tuple(tasks), choices=tuple(choices))


def snapshot(row: Any) -> RunSnapshot:
    """A row of `dag_run` (all columns, in their order) as a value."""
    dag_id, run_id, run_type, state, *facts = row
    return RunSnapshot(
        key=RunKey(dag_id, run_id),
        run_type=RunType(run_type),
        state=RunState(state),
        **dict(zip(_FACTS[2:], facts, strict=True)),
    )


def _row(run: RunSnapshot) -> dict[str, Any]:
    row = {name: getattr(run, name) for name in _FACTS}
    row["dag_id"], row["run_id"] = run.key
    row["state"] = run.state.value
    row["run_type"] = run.run_type.value
    return row

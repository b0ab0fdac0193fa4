"""Small rows for the storage tests, with one fixed time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from tradewind.model.changes import Change, RunCreated
from tradewind.model.keys import RunKey, TaskKey
from tradewind.model.parsed import ParsedFile
from tradewind.model.plan import Plan, TaskPlan
from tradewind.model.snapshots import RunQuery, RunSnapshot, TaskSnapshot
from tradewind.model.states import RunState, RunType, TaskState
from tradewind.storage import commit, dags, fleet, tables
from tradewind.storage.database import Database

NOW = datetime(2024, 5, 17, 12, 30, 15, 123456, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def a_plan(dag_id: str = "sales", task_ids: str = "ab", **facts: Any) -> Plan:
    return Plan(dag_id=dag_id, tasks=tuple(TaskPlan(task_id=name) for name in task_ids), **facts)


def a_file(*plans: Plan, path: str = "/dags/sales.py", **facts: Any) -> ParsedFile:
    known: dict[str, Any] = {"code_hash": "code-1", "source_code": "# sales"}
    return ParsedFile(
        fileloc=path, relative_fileloc=path.rpartition("/")[2], plans=plans, **(known | facts)
    )


def record(conn: sa.Connection, parsed: ParsedFile, *, paused: bool = True) -> list[str]:
    return dags.record_file(conn, parsed, now=NOW, paused_at_creation=paused)


def a_task(task_id: str = "a", run_id: str = "r1", **facts: Any) -> TaskSnapshot:
    return TaskSnapshot(key=TaskKey("sales", run_id, task_id), **facts)


def a_run(run_id: str = "r1", task_ids: str = "ab", **facts: Any) -> RunSnapshot:
    known: dict[str, Any] = {
        "run_type": RunType.MANUAL,
        "state": RunState.RUNNING,
        "version": 1,
        "run_after": NOW,
        "tasks": tuple(a_task(name, run_id) for name in task_ids),
    }
    return RunSnapshot(key=RunKey("sales", run_id), **(known | facts))


def queued(task: TaskSnapshot) -> TaskSnapshot:
    return replace(
        task,
        state=TaskState.QUEUED,
        try_number=task.try_number + 1,
        token=f"1-{task.try_number + 1}",
        queued_at=NOW,
    )


def put(database: Database, *changes: Change, at: datetime = NOW) -> None:
    """Commit changes as one turn of the scheduler that leads."""
    with database.write() as conn:
        epoch = conn.execute(sa.select(tables.leader.c.epoch)).scalar_one()
        commit.lead(conn, epoch, changes, at)


def put_run(database: Database, run: RunSnapshot | None = None) -> RunSnapshot:
    made = run or a_run()
    put(database, RunCreated(made, "asked for"))
    return made


def the_run(database: Database, run_id: str = "r1") -> RunSnapshot:
    with database.read() as conn:
        ((found,), _) = fleet.find_runs(conn, RunQuery(dag_id="sales", run_ids=(run_id,)))
    return found


def the_task(database: Database, task_id: str = "a", run_id: str = "r1") -> TaskSnapshot:
    return next(t for t in the_run(database, run_id).tasks if t.key.task_id == task_id)


def rows(database: Database, table: sa.Table) -> list[Any]:
    with database.read() as conn:
        return list(conn.execute(sa.select(table)))

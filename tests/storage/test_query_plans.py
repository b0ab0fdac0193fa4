"""No statement of the hot path looks at rows it does not need."""

import re
from contextlib import closing

import sqlalchemy as sa

from tradewind.model.snapshots import RunQuery
from tradewind.storage import fleet, runs, schedules, tables, tasks, xcoms
from tradewind.storage.database import Database
from tradewind.storage.statements import Statement

HOT = {
    "claim or finish a task": tasks._MOVE,
    "archive a try": tasks._ARCHIVE,
    "forget rendered fields": tasks._FORGET_FIELDS,
    "move a run": runs._MOVE,
    "write an XCom": xcoms._WRITE,
    "clear XComs": xcoms._CLEAR,
    "move a schedule": schedules._MOVE,
}


def scans(conn: sa.Connection, text: str, parameters: object = None) -> list[str]:
    """The steps of SQLite's plan that read a whole table."""
    cursor = conn.connection.cursor()
    plan = cursor.execute(f"EXPLAIN QUERY PLAN {text}", parameters or ()).fetchall()
    return [step for *_, step in plan if step.startswith("SCAN")]


def test_every_hot_write_finds_its_row_by_key(sqlite_database: Database) -> None:
    with sqlite_database.write() as conn:
        for what, statement in HOT.items():
            assert isinstance(statement, Statement)
            known = statement._compile(conn.dialect)
            assert scans(conn, known.text, [None] * len(known.names)) == [], what


def test_a_scheduler_finds_unfinished_runs_by_index(sqlite_database: Database) -> None:
    queries = {
        "unfinished runs": sa.select(tables.dag_run).where(fleet._UNFINISHED),
        "runs by id": sa.select(tables.dag_run).where(
            fleet._condition(RunQuery(dag_id="d", run_ids=("r",)))
        ),
        "tasks of runs": sa.select(tables.task_instance).where(
            tables.task_instance.c.dag_id == "d", tables.task_instance.c.run_id.in_(["a", "b"])
        ),
        "answer to a command": sa.delete(tables.inbox).where(tables.inbox.c.id == "x"),
    }
    with sqlite_database.write() as conn:
        for what, query in queries.items():
            text = str(query.compile(conn, compile_kwargs={"literal_binds": True}))
            assert scans(conn, text) == [], what


def test_postgresql_finds_tasks_by_key_before_it_has_statistics(postgresql_url: str) -> None:
    with closing(Database(postgresql_url)) as database, database.write() as conn:
        known = tasks._MOVE._compile(conn.dialect)
        numbered = re.sub(
            r"%\((\w+)\)s", lambda found: f"${known.names.index(found[1]) + 1}", known.text
        )
        lines = conn.connection.cursor().execute(f"EXPLAIN (GENERIC_PLAN) {numbered}")
        plan = "\n".join(line for (line,) in lines)
    assert "Index Scan using pk_task_instance" in plan, plan

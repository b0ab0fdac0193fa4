"""Find what a user names: a DAG, its Plan, a run by date or run_id. Unknown names get a hint."""

import difflib
import re
from collections.abc import Iterable

import sqlalchemy as sa

from tradewind.cli.moments import as_date
from tradewind.cli.wiring import Wiring
from tradewind.model.errors import NotFound, UserError
from tradewind.model.keys import RunKey
from tradewind.model.plan import Plan, TaskPlan
from tradewind.storage.listings import dags, import_errors, plans, runs
from tradewind.storage.listings.criteria import Range, Search
from tradewind.storage.listings.dags import DagFilters, DagRow
from tradewind.storage.listings.import_errors import ImportErrorFilters
from tradewind.storage.listings.runs import RunFilters, RunRow


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence to append to "there is no ...", or nothing if no known name is close."""
    near = difflib.get_close_matches(name, list(known), n=3)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def find_dag(connection: sa.Connection, dag_id: str) -> DagRow:
    """The DAG. Raises NotFound."""
    row = dags.find_dag(connection, dag_id)
    if row is None:
        known = [each.dag_id for each in dags.list_dags(connection, DagFilters())[0]]
        hint = did_you_mean(dag_id, known) or "; `dags list` shows all"
        raise NotFound(f"there is no DAG {dag_id!r}{hint}{_unread(connection)}")
    return row


def _unread(connection: sa.Connection) -> str:
    """A DAG that is not there may be in a file that cannot be read."""
    _, broken = import_errors.list_import_errors(connection, ImportErrorFilters(), limit=0)
    if not broken:
        return ""
    files = "1 DAG file" if broken == 1 else f"{broken} DAG files"
    return f" ({files} cannot be read: `dags list-import-errors` says why)"


def find_plan(connection: sa.Connection, dag_id: str) -> Plan:
    """The latest Plan of the DAG. Raises NotFound."""
    plan = plans.find_plan(connection, dag_id, find_dag(connection, dag_id).version)
    if plan is None:
        raise NotFound(f"the Plan of DAG {dag_id!r} is missing; run `dags reserialize`")
    return plan


def find_task(plan: Plan, task_id: str) -> TaskPlan:
    """The task. Raises NotFound."""
    for task in plan.tasks:
        if task.task_id == task_id:
            return task
    hint = did_you_mean(task_id, [task.task_id for task in plan.tasks])
    raise NotFound(f"DAG {plan.dag_id!r} has no task {task_id!r}{hint}")


def find_run(wiring: Wiring, connection: sa.Connection, dag_id: str, named: str) -> RunRow:
    """The run with this run_id or logical date. Raises NotFound."""
    find_dag(connection, dag_id)
    row = runs.find_run(connection, RunKey(dag_id, named))
    if row is not None:
        return row
    date = as_date(named, wiring.settings.core.default_timezone)
    if date is not None:
        on_date = Search(ranges={"logical_date": Range(gte=date, lte=date)})
        rows, _ = runs.list_runs(connection, RunFilters(dag_ids=(dag_id,), search=on_date), limit=1)
        if rows:
            return rows[0]
        raise NotFound(f"DAG {dag_id!r} has no run with the logical date {date.isoformat()}")
    latest, _ = runs.list_runs(
        connection, RunFilters(dag_ids=(dag_id,)), limit=200, order_by=("-run_after",)
    )
    hint = did_you_mean(named, [each.run_id for each in latest])
    raise NotFound(f"DAG {dag_id!r} has no run {named!r}{hint}")


def matching(pattern: str, names: Iterable[str]) -> list[str]:
    """The names in which the regular expression is found. Raises UserError if it is not one."""
    try:
        wanted = re.compile(pattern)
    except re.error as error:
        raise UserError(f"{pattern!r} is not a regular expression: {error}") from error
    return [name for name in names if wanted.search(name)]

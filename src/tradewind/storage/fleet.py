"""What a scheduler loads: everything unfinished when it starts, single runs when it needs them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Any

import sqlalchemy as sa

from tradewind.model.codec import from_data
from tradewind.model.commands import ClearListed, Command, MarkListed, PatchRun
from tradewind.model.keys import RunKey
from tradewind.model.plan import Plan
from tradewind.model.snapshots import (
    DagSnapshot,
    FleetSnapshot,
    RunQuery,
    RunSnapshot,
    TaskSnapshot,
)
from tradewind.model.states import RUN_FINISHED, RunState
from tradewind.storage import (
    assets,
    backfills,
    dags,
    human_input,
    inbox,
    pools,
    runs,
    tasks,
    waiting,
    xcoms,
)
from tradewind.storage.runs_before import ids_before
from tradewind.storage.tables import dag_run, dag_version, task_instance, xcom

_AT_ONCE = 500
"""Runs whose task instances are fetched by one statement."""
_NAMED_AT_ONCE = 10_000
"""Run ids or dates in one statement; SQLite takes 32,766 parameters, PostgreSQL 65,535."""
_UNFINISHED = dag_run.c.state.in_([state for state in RunState if state not in RUN_FINISHED])


def load(conn: sa.Connection, epoch: int) -> FleetSnapshot:
    """All DAGs, pools and backfills, and every unfinished run with its task instances."""
    known = [_with_failures(conn, dag) for dag in dags.snapshots(conn)]
    taken: list[tuple[str, Command, int]] = []
    unreadable: list[tuple[str, str]] = []
    for command_id, command, done in inbox.taken(conn):
        if isinstance(command, inbox.Unreadable):
            unreadable.append((command_id, command.reason))
        else:
            taken.append((command_id, command, done))
    wanted = (_UNFINISHED, *_concerned(taken))
    found = _load_each(conn, wanted)
    found = _with_tasks(conn, [*found, *_before_unfinished(conn, known, found)])
    heads = {(dag.plan.dag_id, dag.version) for dag in known}
    pinned = {(run.key.dag_id, run.version) for run in found} - heads
    return FleetSnapshot(
        epoch=epoch,
        dags=tuple(known),
        plans=tuple(_plans(conn, pinned)),
        runs=tuple(found),
        waiting=waiting.all_of(conn),
        inquiries=human_input.open_ones(conn),
        pools=pools.all_snapshots(conn),
        backfills=backfills.unfinished(conn),
        next_backfill_id=backfills.next_id(conn),
        assets=assets.load(conn),
        taken=tuple(taken),
        unreadable=tuple(unreadable),
    )


def _with_failures(conn: sa.Connection, dag: DagSnapshot) -> DagSnapshot:
    """The same DAG with the number of its latest runs that failed, if it minds."""
    most = dag.plan.max_consecutive_failed_dag_runs
    if most <= 0:
        return dag
    ended = (
        sa.select(dag_run.c.state)
        .where(dag_run.c.dag_id == dag.plan.dag_id, dag_run.c.state.in_(RUN_FINISHED))
        .order_by(dag_run.c.run_after.desc())
        .limit(most)
    )
    failed = takewhile(lambda state: state == RunState.FAILED, conn.execute(ended).scalars())
    return replace(dag, failed_in_a_row=len(list(failed)))


def _concerned(
    taken: Iterable[tuple[str, Command, int]],
) -> Iterable[sa.ColumnElement[bool]]:
    """The runs that commands half carried out are about, finished or not."""
    for _, command, _ in taken:
        match command:
            case ClearListed(dag_id=dag_id, tasks=listed):
                yield from _of_places(dag_id, listed)
            case MarkListed(dag_id=dag_id, tasks=listed, again=again):
                yield from _of_places(dag_id, (*listed, *again))
            case PatchRun(dag_id=dag_id, run_id=run_id):
                yield (dag_run.c.dag_id == dag_id) & (dag_run.c.run_id == run_id)


def _of_places(
    dag_id: str, places: Iterable[tuple[str, str, int]]
) -> Iterator[sa.ColumnElement[bool]]:
    run_ids = sorted({run_id for run_id, _, _ in places})
    for start in range(0, len(run_ids), _AT_ONCE):
        some = dag_run.c.run_id.in_(run_ids[start : start + _AT_ONCE])
        yield (dag_run.c.dag_id == dag_id) & some


def find_runs(
    conn: sa.Connection, query: RunQuery
) -> tuple[list[RunSnapshot], list[tuple[str, int, Plan]]]:
    """The runs a query names, each with its task instances, and the Plans they are pinned to."""
    found = _load_each(conn, map(_condition, _parts(query)))
    if query.with_before:
        dates = {*query.logical_dates, *(run.logical_date for run in found if run.logical_date)}
        ids = ids_before(conn, query.dag_id, dates)
        found += _load_ids(conn, query.dag_id, ids - {run.key.run_id for run in found})
    found = _with_tasks(conn, found)
    wanted = {(run.key.dag_id, run.version) for run in found}
    return found, _plans(conn, wanted)


def _before_unfinished(
    conn: sa.Connection, dags: Iterable[DagSnapshot], found: Iterable[RunSnapshot]
) -> list[RunSnapshot]:
    """The runs right before these, of DAGs in which a task depends on them."""
    of_dag: dict[str, list[RunSnapshot]] = {}
    for run in found:
        of_dag.setdefault(run.key.dag_id, []).append(run)
    before = []
    for dag in dags:
        dag_id = dag.plan.dag_id
        loaded = of_dag.get(dag_id, [])
        if not loaded or not (dag.plan.looks_back or _an_older_one_looks_back(conn, dag, loaded)):
            continue
        dates = {run.logical_date for run in loaded if run.logical_date is not None}
        ids = ids_before(conn, dag_id, dates)
        before += _load_ids(conn, dag_id, ids - {run.key.run_id for run in loaded})
    return before


def _an_older_one_looks_back(
    conn: sa.Connection, dag: DagSnapshot, loaded: Iterable[RunSnapshot]
) -> bool:
    older = {(run.key.dag_id, run.version) for run in loaded if run.version != dag.version}
    return any(plan.looks_back for _, _, plan in _plans(conn, older))


def _load_ids(conn: sa.Connection, dag_id: str, run_ids: Iterable[str]) -> list[RunSnapshot]:
    if not (ids := tuple(sorted(run_ids))):
        return []
    query = RunQuery(dag_id=dag_id, run_ids=ids)
    return _load_each(conn, map(_condition, _parts(query)))


def _load_each(
    conn: sa.Connection, conditions: Iterable[sa.ColumnElement[bool]]
) -> list[RunSnapshot]:
    """The runs that any of the conditions selects, oldest first: a statement for each condition,
    for together they may have too many parameters.
    """
    found = {run.key: run for wanted in conditions for run in runs.load(conn, wanted)}
    return sorted(found.values(), key=lambda run: (run.run_after, run.key.dag_id))


def _parts(query: RunQuery) -> Iterator[RunQuery]:
    """The same in queries that name no more than a statement may have parameters."""
    run_ids, dates = query.run_ids[:_NAMED_AT_ONCE], query.logical_dates[:_NAMED_AT_ONCE]
    yield replace(query, run_ids=run_ids, logical_dates=dates)
    for start in range(_NAMED_AT_ONCE, len(query.run_ids), _NAMED_AT_ONCE):
        yield RunQuery(dag_id=query.dag_id, run_ids=query.run_ids[start : start + _NAMED_AT_ONCE])
    for start in range(_NAMED_AT_ONCE, len(query.logical_dates), _NAMED_AT_ONCE):
        some = query.logical_dates[start : start + _NAMED_AT_ONCE]
        yield RunQuery(dag_id=query.dag_id, logical_dates=some)


def _condition(query: RunQuery) -> sa.ColumnElement[bool]:
    """Runs named by id or by logical date; a query that names none means every run."""
    ways: list[sa.ColumnElement[bool]] = []
    if query.run_ids:
        ways.append(dag_run.c.run_id.in_(query.run_ids))
    if query.logical_dates:
        ways.append(dag_run.c.logical_date.in_(query.logical_dates))
    bounds = []
    if query.logical_date_gte is not None:
        bounds.append(dag_run.c.logical_date >= query.logical_date_gte)
    if query.logical_date_lte is not None:
        bounds.append(dag_run.c.logical_date <= query.logical_date_lte)
    if bounds:
        ways.append(sa.and_(*bounds))
    of_dag = dag_run.c.dag_id == query.dag_id
    return sa.and_(of_dag, sa.or_(*ways)) if ways else of_dag


def _with_tasks(conn: sa.Connection, found: list[RunSnapshot]) -> list[RunSnapshot]:
    by_dag: dict[str, list[str]] = {}
    for run in found:
        by_dag.setdefault(run.key.dag_id, []).append(run.key.run_id)
    of_run: dict[RunKey, list[TaskSnapshot]] = {}
    chosen: dict[RunKey, list[tuple[str, int, Any]]] = {}
    for dag_id, run_ids in by_dag.items():
        for start in range(0, len(run_ids), _AT_ONCE):
            some = run_ids[start : start + _AT_ONCE]
            of_run.update(tasks.load(conn, _is_among(task_instance, dag_id, some)))
            chosen.update(xcoms.choices(conn, _is_among(xcom, dag_id, some)))
    return [runs.with_tasks(run, of_run.get(run.key, ()), chosen.get(run.key, ())) for run in found]


def _is_among(table: sa.Table, dag_id: str, run_ids: Sequence[str]) -> sa.ColumnElement[bool]:
    return (table.c.dag_id == dag_id) & table.c.run_id.in_(run_ids)


def _plans(conn: sa.Connection, wanted: Iterable[tuple[str, int]]) -> list[tuple[str, int, Plan]]:
    found = []
    for dag_id, version in sorted(wanted):
        query = sa.select(dag_version.c.plan).where(
            dag_version.c.dag_id == dag_id, dag_version.c.version == version
        )
        plan = conn.execute(query).scalar()
        if plan is not None:
            found.append((dag_id, version, from_data(Plan, plan)))
    return found

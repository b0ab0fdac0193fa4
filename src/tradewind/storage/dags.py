"""DAGs as the dag-processor found them: head rows, Plan versions, tags, import errors."""

import hashlib
import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from tradewind.model.codec import from_data, to_data
from tradewind.model.errors import NotFound
from tradewind.model.intervals import DataInterval, RunInfo
from tradewind.model.parsed import ParsedFile
from tradewind.model.plan import Plan
from tradewind.model.snapshots import DagSnapshot
from tradewind.storage import assets, sources, statements
from tradewind.storage.tables import dag, dag_schedule, dag_tag, dag_version, import_error

_ADD_TAGS = statements.insert(dag_tag)
_PAUSE = statements.Statement(
    sa.update(dag)
    .where(dag.c.dag_id == sa.bindparam("key_dag_id"))
    .values(is_paused=sa.bindparam("is_paused", type_=dag.c.is_paused.type))
)


class Head(NamedTuple):
    """What tells whether a DAG must be loaded anew."""

    version: int
    code_hash: str
    fileloc: str
    is_paused: bool
    is_stale: bool


def record_file(
    conn: sa.Connection, parsed: ParsedFile, *, now: datetime, paused_at_creation: bool
) -> list[str]:
    """Keep what reading a file yielded; returns the ids of the DAGs whose head changed.

    A broken file leaves its DAGs as they were, beside the import error. A Plan that is the same as
    before makes no new version. A dag_id found in two files belongs to the one read last.
    """
    if parsed.error is not None:
        _record_error(conn, parsed, now)
        return []
    conn.execute(sa.delete(import_error).where(import_error.c.filename == parsed.fileloc))
    sources.record(conn, parsed.source, now)
    changed = []
    for plan in parsed.plans:
        if _record_dag(conn, plan, parsed, now=now, paused_at_creation=paused_at_creation):
            changed.append(plan.dag_id)
    left = _mark_stale(
        conn,
        (dag.c.fileloc == parsed.fileloc)
        & dag.c.dag_id.not_in([plan.dag_id for plan in parsed.plans]),
    )
    return changed + left


def forget_files(conn: sa.Connection, kept_filelocs: Collection[str], now: datetime) -> list[str]:
    """Mark the DAGs of all other files stale and forget those files' errors; returns the dag_ids."""
    of_files = {row.fileloc for row in conn.execute(sa.select(dag.c.fileloc).distinct())}
    broken = {row.filename for row in conn.execute(sa.select(import_error.c.filename))}
    gone = sorted((of_files | broken) - set(kept_filelocs))
    left: list[str] = []
    for fileloc in gone:
        conn.execute(sa.delete(import_error).where(import_error.c.filename == fileloc))
        left += _mark_stale(conn, dag.c.fileloc == fileloc)
    return left


def set_paused(conn: sa.Connection, dag_id: str, is_paused: bool) -> None:
    """Pause or unpause; ring `scheduler` after. Raises NotFound."""

    def check(written: int) -> None:
        if written != 1:
            raise NotFound(f"there is no DAG {dag_id!r}")

    _PAUSE.run(conn, [{"key_dag_id": dag_id, "is_paused": is_paused}], check)


def heads(conn: sa.Connection) -> dict[str, Head]:
    """The head of every DAG, stale ones included."""
    query = sa.select(dag.c.dag_id, *(dag.c[name] for name in Head._fields))
    return {dag_id: Head(*head) for dag_id, *head in conn.execute(query)}


def owning_files(conn: sa.Connection) -> dict[str, str]:
    """The file that defines each DAG that is not stale."""
    query = sa.select(dag.c.dag_id, dag.c.fileloc).where(dag.c.is_stale.is_(False))
    return {row.dag_id: row.fileloc for row in conn.execute(query)}


def snapshots(conn: sa.Connection, dag_ids: Collection[str] | None = None) -> list[DagSnapshot]:
    """The latest version of every DAG (or of those named), stale ones included, by dag_id."""
    query = (
        sa.select(
            dag.c.version,
            dag.c.code_hash,
            dag.c.fileloc,
            dag.c.relative_fileloc,
            dag.c.is_paused,
            dag.c.is_stale,
            dag_version.c.plan,
            dag_schedule.c.last_run_after,
            dag_schedule.c.last_interval_start,
            dag_schedule.c.last_interval_end,
            dag_schedule.c.next_run_after,
            dag_schedule.c.next_interval_start,
            dag_schedule.c.next_interval_end,
        )
        .join_from(
            dag,
            dag_version,
            (dag_version.c.dag_id == dag.c.dag_id) & (dag_version.c.version == dag.c.version),
        )
        .outerjoin(dag_schedule, dag_schedule.c.dag_id == dag.c.dag_id)
        .order_by(dag.c.dag_id)
    )
    if dag_ids is not None:
        query = query.where(dag.c.dag_id.in_(dag_ids))
    return [_snapshot(row) for row in conn.execute(query)]


def plan(conn: sa.Connection, dag_id: str, version: int | None = None) -> Plan:
    """One version of a DAG's Plan, the latest if none is named. Raises NotFound."""
    query = sa.select(dag_version.c.plan).where(dag_version.c.dag_id == dag_id)
    if version is None:
        query = query.order_by(dag_version.c.version.desc()).limit(1)
    else:
        query = query.where(dag_version.c.version == version)
    row = conn.execute(query).first()
    if row is None:
        which = f"version {version} of DAG" if version is not None else "DAG"
        raise NotFound(f"there is no {which} {dag_id!r}")
    return from_data(Plan, row.plan)


def _snapshot(row: Any) -> DagSnapshot:
    last = None
    if row.last_interval_start is not None:
        last = DataInterval(row.last_interval_start, row.last_interval_end)
    elif row.last_run_after is not None:
        last = DataInterval(row.last_run_after, row.last_run_after)
    return DagSnapshot(
        plan=from_data(Plan, row.plan),
        version=row.version,
        code_hash=row.code_hash,
        fileloc=row.fileloc,
        relative_fileloc=row.relative_fileloc,
        is_paused=row.is_paused,
        is_stale=row.is_stale,
        last_automated=last,
        last_run_after=row.last_run_after,
        next_run=_next_run(row),
    )


def _next_run(row: Any) -> RunInfo | None:
    if row.next_run_after is None:
        return None
    if row.next_interval_start is None:
        return RunInfo(row.next_run_after)
    covered = DataInterval(row.next_interval_start, row.next_interval_end)
    return RunInfo(row.next_run_after, covered)


def _record_error(conn: sa.Connection, parsed: ParsedFile, now: datetime) -> None:
    row = {"timestamp": now, "stack_trace": parsed.error}
    known = import_error.c.filename == parsed.fileloc
    if conn.execute(sa.update(import_error).where(known).values(row)).rowcount == 0:
        conn.execute(sa.insert(import_error).values(filename=parsed.fileloc, **row))
    of_file = dag.c.fileloc == parsed.fileloc
    conn.execute(sa.update(dag).where(of_file).values(has_import_errors=True))


def _mark_stale(conn: sa.Connection, condition: sa.ColumnElement[bool]) -> list[str]:
    live = condition & dag.c.is_stale.is_(False)
    left = [
        row.dag_id
        for row in conn.execute(sa.select(dag.c.dag_id).where(live).order_by(dag.c.dag_id))
    ]
    if left:
        conn.execute(sa.update(dag).where(live).values(is_stale=True, has_import_errors=False))
    return left


def _record_dag(
    conn: sa.Connection, plan: Plan, parsed: ParsedFile, *, now: datetime, paused_at_creation: bool
) -> bool:
    """Write one DAG's head and, for a new Plan, its next version; whether the head changed."""
    known = conn.execute(
        sa.select(dag.c.version, dag.c.code_hash, dag.c.fileloc, dag.c.is_stale).where(
            dag.c.dag_id == plan.dag_id
        )
    ).one_or_none()
    version = _record_version(conn, plan, parsed, now)
    row = _head_row(plan, parsed, version, now)
    _record_tags(conn, plan)
    assets.record(conn, plan, now)
    if known is None:
        upon_creation = plan.is_paused_upon_creation
        paused = paused_at_creation if upon_creation is None else upon_creation
        conn.execute(sa.insert(dag).values(dag_id=plan.dag_id, is_paused=paused, **row))
        return True
    conn.execute(sa.update(dag).where(dag.c.dag_id == plan.dag_id).values(row))
    return tuple(known) != (version, parsed.code_hash, parsed.fileloc, False)


def _record_version(conn: sa.Connection, plan: Plan, parsed: ParsedFile, now: datetime) -> int:
    """Number of the version this Plan is, which is the latest one if that is the same Plan."""
    data = to_data(plan)
    digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
    latest = conn.execute(
        sa.select(dag_version.c.version, dag_version.c.plan_hash)
        .where(dag_version.c.dag_id == plan.dag_id)
        .order_by(dag_version.c.version.desc())
        .limit(1)
    ).one_or_none()
    if latest is not None and latest.plan_hash == digest:
        return int(latest.version)
    version = 1 if latest is None else int(latest.version) + 1
    conn.execute(
        sa.insert(dag_version).values(
            dag_id=plan.dag_id,
            version=version,
            plan=data,
            plan_hash=digest,
            code_hash=parsed.code_hash,
            created_at=now,
        )
    )
    return version


def _head_row(plan: Plan, parsed: ParsedFile, version: int, now: datetime) -> dict[str, Any]:
    return {
        "fileloc": parsed.fileloc,
        "relative_fileloc": parsed.relative_fileloc,
        "version": version,
        "code_hash": parsed.code_hash,
        "is_stale": False,
        "has_import_errors": False,
        "last_parsed_time": now,
        "last_parse_duration": parsed.duration_s,
        "display_name": plan.display_name or plan.dag_id,
        "description": plan.description,
        "owners": list(plan.owners),
        "timetable_summary": plan.schedule.summary,
        "timetable_description": plan.schedule.description,
        "max_active_tasks": plan.max_active_tasks,
        "max_active_runs": plan.max_active_runs,
    }


def _record_tags(conn: sa.Connection, plan: Plan) -> None:
    wanted = set(plan.tags)
    if tags(conn, [plan.dag_id]).get(plan.dag_id, set()) == wanted:
        return
    conn.execute(sa.delete(dag_tag).where(dag_tag.c.dag_id == plan.dag_id))
    _ADD_TAGS.run(conn, [{"dag_id": plan.dag_id, "name": name} for name in sorted(wanted)])


def tags(conn: sa.Connection, dag_ids: Iterable[str]) -> dict[str, set[str]]:
    """The tags of DAGs; those without any are left out."""
    found: dict[str, set[str]] = {}
    query = sa.select(dag_tag.c.dag_id, dag_tag.c.name).where(dag_tag.c.dag_id.in_(list(dag_ids)))
    for dag_id, name in conn.execute(query):
        found.setdefault(dag_id, set()).add(name)
    return found

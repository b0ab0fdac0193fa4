"""The schema, once for SQLite and PostgreSQL. Who writes which table stands in ARCHITECTURE.md.

Moments are stored as UTC: `timestamptz` on PostgreSQL, microseconds since 1970 on SQLite. JSON is
kept as text. There are no foreign keys: history outlives what it refers to, and each table has one
writer. After a change here run `python -m tradewind.storage.ddl`.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from tradewind.model.keys import CHOICE
from tradewind.model.states import RUN_FINISHED, RunState, RunType, TaskState

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware datetime, always read back in UTC."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(sa.BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return _EPOCH + int(value) * _MICROSECOND


_encode = json.JSONEncoder(separators=(",", ":")).encode


class Json(sa.types.TypeDecorator[Any]):
    """Any JSON value, kept as ASCII text; SQL sees the text (`column.contains(...)`).

    Not `jsonb`: that reorders keys and refuses NaN, `\\u0000` and lone surrogates, all of which
    an XCom may hold. None is stored as the text `null`, so the columns are never NULL.
    """

    impl = sa.Text
    cache_ok = True
    should_evaluate_none = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str:
        return _encode(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:
        return None if value is None else json.loads(value)

    def coerce_compared_value(self, op: Any, value: Any) -> sa.types.TypeEngine[Any]:
        return sa.Text()


class Prose(sa.types.TypeDecorator[str]):
    """Text that comes from users' code: what no database can hold is written as an escape."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """The text with escapes for what no database can hold."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")


WHERE = "where"
"""Key in an Index's info: the condition of a partial index. Told to SQLAlchemy (by `ddl`) only for
the dialect that is written, because an option of a dialect imports the dialect."""

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _listed(states: Iterable[StrEnum]) -> str:
    return ", ".join(f"'{state.value}'" for state in states)


def _one_of(column: str, states: Iterable[StrEnum]) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({_listed(states)})", name=f"{column}_known")


def _run_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("dag_id", sa.String(250), primary_key=True),
        sa.Column("run_id", sa.String(250), primary_key=True),
    ]


def _task_columns() -> list[sa.Column[Any]]:
    return [
        *_run_columns(),
        sa.Column("task_id", sa.String(250), primary_key=True),
        sa.Column("map_index", sa.Integer, primary_key=True),
    ]


# --- written by the dag-processor ---------------------------------------------------------

dag = sa.Table(
    "dag",
    metadata,
    sa.Column("dag_id", sa.String(250), primary_key=True),
    sa.Column("fileloc", sa.Text, nullable=False),
    sa.Column("relative_fileloc", sa.Text, nullable=False),
    sa.Column("bundle_name", sa.String(250), nullable=False, server_default="dags-folder"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("code_hash", sa.String(64), nullable=False),
    sa.Column("is_stale", sa.Boolean, nullable=False, default=False),
    sa.Column("last_parsed_time", Moment, nullable=False),
    sa.Column("last_parse_duration", sa.Float),
    # repeated from the Plan so that lists can filter and sort without reading it:
    sa.Column("display_name", Prose, nullable=False),
    sa.Column("description", Prose),
    sa.Column("owners", Json, nullable=False),
    sa.Column("timetable_summary", Prose),
    sa.Column("timetable_description", Prose),
    sa.Column("max_active_tasks", sa.Integer, nullable=False),
    sa.Column("max_active_runs", sa.Integer, nullable=False),
    sa.Column("has_import_errors", sa.Boolean, nullable=False, default=False),
    # written by API and CLI:
    sa.Column("is_paused", sa.Boolean, nullable=False),
)
sa.Index("ix_dag_fileloc", dag.c.fileloc)

dag_tag = sa.Table(
    "dag_tag",
    metadata,
    sa.Column("dag_id", sa.String(250), primary_key=True),
    sa.Column("name", sa.String(100), primary_key=True),
)

dag_version = sa.Table(
    "dag_version",
    metadata,
    sa.Column("dag_id", sa.String(250), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("plan", Json, nullable=False),
    sa.Column("plan_hash", sa.String(64), nullable=False),
    sa.Column("code_hash", sa.String(64), nullable=False),
    sa.Column("created_at", Moment, nullable=False),
)

source = sa.Table(
    "source",
    metadata,
    sa.Column("code_hash", sa.String(64), primary_key=True),
    sa.Column("fileloc", sa.Text, nullable=False),
    sa.Column("source_code", Prose, nullable=False),
    sa.Column("inputs", Json, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
)

source_module = sa.Table(
    "source_module",
    metadata,
    sa.Column("fingerprint", sa.String(64), primary_key=True),
    sa.Column("source_code", Prose, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
)
"""Modules of the project that DAG files import; `inputs` of a source names their fingerprints."""

import_error = sa.Table(
    "import_error",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("filename", sa.Text, nullable=False, unique=True),
    sa.Column("bundle_name", sa.String(250), nullable=False, server_default="dags-folder"),
    sa.Column("timestamp", Moment, nullable=False),
    sa.Column("stack_trace", Prose, nullable=False),
)

asset = sa.Table(
    "asset",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String(1500), nullable=False),
    sa.Column("uri", sa.String(1500), nullable=False),
    sa.Column("group", sa.String(1500), nullable=False),
    sa.Column("extra", Json, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.UniqueConstraint("name", "uri"),
)
"""Every asset that a DAG names; the scheduler adds those that tasks write through an alias."""

asset_alias = sa.Table(
    "asset_alias",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String(1500), nullable=False, unique=True),
    sa.Column("group", sa.String(1500), nullable=False),
)

asset_reference = sa.Table(
    "asset_reference",
    metadata,
    sa.Column("dag_id", sa.String(250), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("task_id", sa.String(250)),
    sa.Column("name", sa.String(1500)),
    sa.Column("uri", sa.String(1500)),
    sa.Column("alias", sa.String(1500)),
    sa.Column("created_at", Moment, nullable=False),
)
"""Who names which asset: a `schedule`, or a task as its `inlet` or `outlet`; by name, URI or both,
or by an alias. Repeated from the latest Plan so that lists can filter by it."""
sa.Index("ix_asset_reference_name", asset_reference.c.name)

# --- written by the scheduler in its group commit -------------------------------------------

dag_schedule = sa.Table(
    "dag_schedule",
    metadata,
    sa.Column("dag_id", sa.String(250), primary_key=True),
    sa.Column("last_run_after", Moment),
    sa.Column("last_interval_start", Moment),
    sa.Column("last_interval_end", Moment),
    sa.Column("next_run_after", Moment),
    sa.Column("next_interval_start", Moment),
    sa.Column("next_interval_end", Moment),
)

dag_run = sa.Table(
    "dag_run",
    metadata,
    *_run_columns(),
    sa.Column("run_type", sa.String(30), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("run_after", Moment, nullable=False),
    sa.Column("logical_date", Moment),
    sa.Column("data_interval_start", Moment),
    sa.Column("data_interval_end", Moment),
    sa.Column("queued_at", Moment),
    sa.Column("start_date", Moment),
    sa.Column("end_date", Moment),
    sa.Column("conf", Json, nullable=False),
    sa.Column("triggered_by", sa.String(30), nullable=False),
    sa.Column("triggering_user_name", sa.String(250)),
    sa.Column("note", Prose),
    sa.Column("backfill_id", sa.Integer),
    sa.Column("sort_ordinal", sa.Integer),
    sa.Column("clear_number", sa.Integer, nullable=False),
    _one_of("state", RunState),
    _one_of("run_type", RunType),
    sa.UniqueConstraint("dag_id", "logical_date"),
    sa.CheckConstraint(
        f"end_date IS NULL OR state IN ({_listed(sorted(RUN_FINISHED))})",
        name="end_date_when_finished",
    ),
)
sa.Index("ix_dag_run_of_dag", dag_run.c.dag_id, dag_run.c.run_after)
sa.Index("ix_dag_run_run_after", dag_run.c.run_after)
sa.Index("ix_dag_run_state", dag_run.c.state, dag_run.c.run_after)
sa.Index(
    "ix_dag_run_end_date",
    dag_run.c.end_date,
    sqlite_where=dag_run.c.end_date.is_not(None),
    postgresql_where=dag_run.c.end_date.is_not(None),
)


def _try_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("try_number", sa.Integer, nullable=False),
        sa.Column("max_tries", sa.Integer, nullable=False),
        sa.Column("token", sa.String(60)),
        sa.Column("scheduled_at", Moment),
        sa.Column("queued_at", Moment),
        sa.Column("start_date", Moment),
        sa.Column("end_date", Moment),
        sa.Column("due_at", Moment),
        sa.Column("reschedules", sa.Integer, nullable=False),
        sa.Column("code_hash", sa.String(64)),
        sa.Column("hostname", sa.String(250)),
        sa.Column("pid", sa.Integer),
        sa.Column("cpu_s", sa.Float),
        sa.Column("max_rss_kib", sa.BigInteger),
        sa.Column("exit_reason", Prose),
        sa.Column("map_length", sa.Integer),
        sa.Column("rendered_map_index", Prose),
        sa.Column("operator", sa.String(250), nullable=False),
        sa.Column("pool", sa.String(256), nullable=False),
        sa.Column("pool_slots", sa.Integer, nullable=False),
        sa.Column("queue", sa.String(256), nullable=False),
        sa.Column("executor", sa.String(250)),
        sa.Column("priority_weight", sa.Integer, nullable=False),
    ]


task_instance = sa.Table(
    "task_instance",
    metadata,
    *_task_columns(),
    *_try_columns(),
    _one_of("state", TaskState),
)
sa.Index("ix_task_instance_state", task_instance.c.state)

task_instance_history = sa.Table(
    "task_instance_history",
    metadata,
    *_task_columns(),
    *[
        sa.Column(
            column.name, column.type, primary_key=column.name == "try_number", autoincrement=False
        )
        if column.name == "try_number"
        else column
        for column in _try_columns()
    ],
)
"""Earlier tries: the task_instance row as it stood when the next try began."""

rendered_fields = sa.Table(
    "rendered_fields",
    metadata,
    *_task_columns(),
    sa.Column("fields", Json, nullable=False),
)

task_note = sa.Table(
    "task_note",
    metadata,
    *_task_columns(),
    sa.Column("note", Prose, nullable=False),
)
"""What users noted on task instances."""

xcom = sa.Table(
    "xcom",
    metadata,
    *_task_columns(),
    sa.Column("key", Prose, primary_key=True),
    sa.Column("value", Json, nullable=False),
    sa.Column("timestamp", Moment, nullable=False),
)

IS_CHOICE = sa.text(f"key = '{CHOICE}'")
"""As text: SQLite finds the partial index only if the statement has the key in it."""
sa.Index("ix_xcom_choice", xcom.c.dag_id, xcom.c.run_id, info={WHERE: IS_CHOICE})
waiting = sa.Table(
    "waiting",
    metadata,
    *_task_columns(),
    sa.Column("trigger_id", sa.String(60)),
    sa.Column("classpath", sa.Text),
    sa.Column("kwargs", Json, nullable=False),
    sa.Column("queue", sa.String(256)),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("timeout_at", Moment),
    sa.Column("at", Moment),
    sa.Column("word", Json, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("method_kwargs", Json, nullable=False),
)
"""Task instances that gave their process up: the trigger they wait for (`trigger_id`; null once it
has come) and where they go on. `kwargs` of the trigger: text is a Fernet token. With `at` it is
nothing but a moment, at which it says `word`."""
sa.Index("ix_waiting_trigger_id", waiting.c.trigger_id, unique=True)

hitl_detail = sa.Table(
    "hitl_detail",
    metadata,
    *_task_columns(),
    sa.Column("try_number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("token", sa.String(60), nullable=False),
    sa.Column("subject", Prose, nullable=False),
    sa.Column("body", Prose),
    sa.Column("options", Json, nullable=False),
    sa.Column("defaults", Json, nullable=False),
    sa.Column("multiple", sa.Boolean, nullable=False),
    sa.Column("params", Json, nullable=False),
    sa.Column("assigned_users", Json, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("responded_at", Moment),
    sa.Column("responded_by_id", Prose),
    sa.Column("responded_by_name", Prose),
    sa.Column("chosen_options", Json, nullable=False),
    sa.Column("params_input", Json, nullable=False),
)
"""What each try asked a person, and the answer: by nobody where the defaults counted. `token` is that
of the attempt that asked."""
sa.Index("ix_hitl_detail_token", hitl_detail.c.token)

backfill = sa.Table(
    "backfill",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("dag_id", sa.String(250), nullable=False),
    sa.Column("from_date", Moment, nullable=False),
    sa.Column("to_date", Moment, nullable=False),
    sa.Column("max_active_runs", sa.Integer, nullable=False),
    sa.Column("reprocess_behavior", sa.String(20), nullable=False),
    sa.Column("run_backwards", sa.Boolean, nullable=False),
    sa.Column("conf", Json, nullable=False),
    sa.Column("is_paused", sa.Boolean, nullable=False),
    sa.Column("ignore_dag_pause", sa.Boolean, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("completed_at", Moment),
    sa.Column("next_ordinal", sa.Integer, nullable=False),
    sa.Column("cursor", Moment),
    sa.Column("all_made", sa.Boolean, nullable=False),
)

timetable_question = sa.Table(
    "timetable_question",
    metadata,
    sa.Column("dag_id", sa.String(250), primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("question", Json, nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
)
"""What the DAG processor is to ask timetables of authors' own; removed with the answer."""

asset_event = sa.Table(
    "asset_event",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(1500), nullable=False),
    sa.Column("uri", sa.String(1500), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("extra", Json, nullable=False),
    sa.Column("aliases", Json, nullable=False),
    sa.Column("dag_id", sa.String(250)),
    sa.Column("run_id", sa.String(250)),
    sa.Column("task_id", sa.String(250)),
    sa.Column("map_index", sa.Integer, nullable=False),
)
"""An asset was written, by a task instance or (null) by somebody outside."""
sa.Index("ix_asset_event_asset", asset_event.c.name, asset_event.c.id)
sa.Index("ix_asset_event_run", asset_event.c.dag_id, asset_event.c.run_id)

asset_alias_member = sa.Table(
    "asset_alias_member",
    metadata,
    sa.Column("alias", sa.String(1500), primary_key=True),
    sa.Column("name", sa.String(1500), primary_key=True),
    sa.Column("uri", sa.String(1500), primary_key=True),
)
"""The assets that tasks have written through an alias: it stands for them."""

asset_queue = sa.Table(
    "asset_queue",
    metadata,
    sa.Column("dag_id", sa.String(250), primary_key=True),
    sa.Column("event_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(1500), nullable=False),
    sa.Column("uri", sa.String(1500), nullable=False),
    sa.Column("at", Moment, nullable=False),
)
"""Events that the next run of a DAG by its assets will take."""

asset_event_run = sa.Table(
    "asset_event_run",
    metadata,
    sa.Column("dag_id", sa.String(250), primary_key=True),
    sa.Column("run_id", sa.String(250), primary_key=True),
    sa.Column("event_id", sa.BigInteger, primary_key=True, autoincrement=False),
)
"""Events that a run has taken."""
sa.Index("ix_asset_event_run_event_id", asset_event_run.c.event_id)

event_log = sa.Table(
    "event_log",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("run", sa.BigInteger),
    sa.Column("dag_id", sa.String(250)),
    sa.Column("run_id", sa.String(250)),
    sa.Column("task_id", sa.String(250)),
    sa.Column("map_index", sa.Integer),
    sa.Column("state", sa.String(20)),
    sa.Column("try_number", sa.Integer),
    sa.Column("max_tries", sa.Integer),
    sa.Column("token", sa.String(60)),
    sa.Column("due_at", Moment),
    sa.Column("facts", sa.Text),
    sa.Column("reason", Prose, nullable=False),
    sa.Column("folded", sa.LargeBinary),
)
"""What happened and why (see `events`). Only the row of a run's making names the run; all others of
the run point to it with `run`, its id, until they are packed into its `folded` (see `folding`)."""
sa.Index(
    "ix_event_log_made",
    event_log.c.dag_id,
    event_log.c.run_id,
    unique=True,
    info={WHERE: event_log.c.run_id.is_not(None)},
)
sa.Index(
    "ix_event_log_run",
    event_log.c.run,
    info={WHERE: event_log.c.run.is_not(None)},
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("sequence", Serial, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("kind", sa.String(30), nullable=False),
    sa.Column("command", Json, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("done", sa.Integer),
)
"""Inserted by API and CLI, removed by the commit that holds the effect. `done` is null until the
scheduler takes a command that needs several commits; then it is how far that has come."""

command_outcome = sa.Table(
    "command_outcome",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("applied", sa.Boolean, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("result", Json, nullable=False),
    sa.Column("reason", Prose, nullable=False),
    sa.Column("answered_at", Moment, nullable=False),
)

leader = sa.Table(
    "leader",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("holder", sa.String(250)),
    sa.Column("expires_at", Moment),
    sa.CheckConstraint("id = 1", name="one_row"),
)
"""One row; each scheduler that takes over adds 1 to `epoch`."""

# --- written by API and CLI -----------------------------------------------------------------

connection = sa.Table(
    "connection",
    metadata,
    sa.Column("conn_id", sa.String(250), primary_key=True),
    sa.Column("conn_type", sa.String(500), nullable=False),
    sa.Column("description", Prose),
    sa.Column("host", sa.String(500)),
    sa.Column("schema", sa.String(500)),
    sa.Column("login", sa.Text),
    sa.Column("port", sa.Integer),
    sa.Column("password", sa.Text),
    sa.Column("extra", sa.Text),
)
"""`password` and `extra` are Fernet tokens."""

variable = sa.Table(
    "variable",
    metadata,
    sa.Column("key", sa.String(250), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("description", Prose),
)
"""`value` is a Fernet token."""

pool = sa.Table(
    "pool",
    metadata,
    sa.Column("name", sa.String(256), primary_key=True),
    sa.Column("slots", sa.Integer, nullable=False),
    sa.Column("description", Prose),
    sa.Column("include_deferred", sa.Boolean, nullable=False, default=False),
    sa.CheckConstraint("slots >= -1", name="slots_at_least_minus_1"),
)

user_account = sa.Table(
    "user_account",
    metadata,
    sa.Column("username", sa.String(250), primary_key=True),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("created_at", Moment, nullable=False),
)

# --- written by the owner of the row ----------------------------------------------------------

component = sa.Table(
    "component",
    metadata,
    sa.Column("id", sa.String(100), primary_key=True),
    sa.Column("kind", sa.String(30), nullable=False),
    sa.Column("hostname", sa.String(250), nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("heartbeat_at", Moment, nullable=False),
    sa.Column("problem", Prose),
    sa.Column("queues", Json, nullable=False, server_default="[]"),
)
"""One row per running process. `kind`: scheduler, dag_processor, api_server, triggerer (of `queues`). `problem` is why it
is not healthy, None when it is."""

bell = sa.Table(
    "bell",
    metadata,
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("topic", sa.String(30), primary_key=True),
    sa.Column("owner", sa.String(100), nullable=False),
)
"""Who is to be rung on SQLite; PostgreSQL uses LISTEN/NOTIFY. Topics: `scheduler` (a command or
setting waits), `dags` (a Plan changed), `changes` (the scheduler committed), `triggers` (it
committed what triggerers look for), `timetables` (the same for the DAG processor)."""

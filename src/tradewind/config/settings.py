"""The options as frozen dataclasses: section by section, each with its default and its meaning.

Section and key are Airflow's where the option is the same. `load` fills a Settings from files and
environment; nothing else reads configuration.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LOCAL_EXECUTOR = "LocalExecutor"
SEQUENTIAL_EXECUTOR = "SequentialExecutor"
EXECUTORS = (LOCAL_EXECUTOR, SEQUENTIAL_EXECUTOR)
"""What `core.executor` may name, also by its path in the airflow package."""


def option(
    default: Any,
    doc: str,
    *,
    sensitive: bool = False,
    choices: tuple[str, ...] = (),
    minimum: float | None = None,
) -> Any:
    """One option: its default (`{home}` stands for home), what it does and what it may be."""
    metadata = {"doc": doc, "sensitive": sensitive, "choices": choices, "minimum": minimum}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    dags_folder: Path = option(Path("{home}/dags"), "Folder that is searched for DAG files.")
    plugins_folder: Path = option(
        Path("{home}/plugins"), "Folder on the import path of DAG files, for shared code."
    )
    parallelism: int = option(
        32, "Task instances that may run at once on one scheduler.", minimum=1
    )
    executor: str = option(
        LOCAL_EXECUTOR,
        f"How tasks run: {LOCAL_EXECUTOR} (`parallelism` at once) or {SEQUENTIAL_EXECUTOR} (one at a "
        "time).",
    )
    isolation: str = option(
        "fork",
        "How a task gets its process: fork (a warm one each), reuse (one makes many tasks of a file, "
        "which then share its modules) or spawn (a fresh interpreter each).",
        choices=("fork", "reuse", "spawn"),
    )
    reuse_max_tasks: int = option(
        10000, "Tasks after which a reused process is replaced; 0 for never.", minimum=0
    )
    reuse_max_growth: int = option(
        512,
        "Mebibytes by which a reused process may grow before it is replaced; 0 for any.",
        minimum=0,
    )
    dags_are_paused_at_creation: bool = option(True, "Whether a new DAG starts paused.")
    max_active_runs_per_dag: int = option(
        16, "Runs of one DAG that may be running at once.", minimum=1
    )
    max_active_tasks_per_dag: int = option(
        16, "Tasks that may be running at once in one run.", minimum=1
    )
    max_consecutive_failed_dag_runs_per_dag: int = option(
        0, "Failed runs in a row after which a DAG is paused; 0 for never.", minimum=0
    )
    rerun_with_latest_version: bool = option(
        False, "Whether runs that are cleared take the newest version of a DAG that does not say."
    )
    max_map_length: int = option(
        1024, "Most items of a returned value that a task may be expanded over.", minimum=1
    )
    default_timezone: str = option("utc", "Time zone of dates that name none.")
    default_task_retries: int = option(0, "Retries of a task that sets none.", minimum=0)
    default_task_retry_delay: int = option(
        300, "Seconds between retries where none is set.", minimum=0
    )
    max_task_retry_delay: int = option(
        86400, "Longest growing delay between retries, in seconds.", minimum=0
    )
    default_task_weight_rule: str = option(
        "downstream",
        "Weight rule where none is set.",
        choices=("downstream", "upstream", "absolute"),
    )
    default_task_execution_timeout: int | None = option(
        None,
        "Seconds a task may take where it sets no execution_timeout; empty for no limit.",
        minimum=0,
    )
    default_pool_task_slot_count: int = option(
        128, "Slots of default_pool when it is made.", minimum=-1
    )
    dagbag_import_timeout: float = option(
        30.0, "Seconds a DAG file may take to import.", minimum=0.1
    )
    dag_file_memory_limit: int = option(
        1024, "Mebibytes of address space a DAG file's import may add; 0 for no limit.", minimum=0
    )
    dag_discovery_safe_mode: bool = option(
        True, "Only look at files that contain `airflow` or `tradewind`, and `dag` or `asset`."
    )
    dag_ignore_file_syntax: str = option(
        "glob", "Syntax of .airflowignore: glob or regexp.", choices=("glob", "regexp")
    )
    dag_profile: str = option(
        "auto", "Meaning of DAG files: auto, 2 or 3.", choices=("auto", "2", "3")
    )
    dag_run_conf_overrides_params: bool = option(True, "Whether a run's conf overrides params.")
    fernet_key: str = option(
        "", "Key that encrypts stored secrets; kept in home/fernet-key if empty.", sensitive=True
    )
    hide_sensitive_var_conn_fields: bool = option(True, "Whether secrets are masked when shown.")
    hostname: str = option("", "Name of this machine in task instances; empty for its own.")
    killed_task_cleanup_time: int = option(
        60, "Seconds between SIGTERM and SIGKILL for a task.", minimum=0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    url: str = option(
        "sqlite:///{home}/tradewind.db",
        "Where state is kept: sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME.",
        sensitive=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduler:
    catchup_by_default: bool = option(False, "catchup of DAGs that do not set it.")
    create_cron_data_intervals: bool = option(
        False, "Whether a cron string or a timedelta makes data intervals (as in 2.x)."
    )
    allowed_run_id_pattern: str = option(
        r"^[A-Za-z0-9_.~:+-]+$", "What a run_id given by a user must match."
    )
    fold_events_after_days: int = option(
        7,
        "Days after which the events of a finished run are packed together; 0 for never.",
        minimum=0,
    )
    keep_details_days: int = option(
        90,
        "Days for which events, earlier tries, XComs and rendered fields of a finished run are "
        "kept (those of a DAG's latest run longer); 0 for ever. The run itself stays.",
        minimum=0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DagProcessor:
    min_file_process_interval: int = option(
        600, "Seconds after which an unchanged file is read again.", minimum=0
    )
    parsing_processes: int = option(2, "DAG files that are read at once.", minimum=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggerer:
    capacity: int = option(10000, "Triggers that one triggerer runs at once.", minimum=1)
    queues_enabled: bool = option(
        False, "Whether a trigger is run only by triggerers that were started for its task's queue."
    )
    on_kill_timeout: int = option(
        30, "Seconds that on_kill of a trigger may take when its task is ended.", minimum=0
    )
    blocked_main_thread_warning_threshold: float = option(
        0.2, "Seconds for which a trigger may hold up all others before that is logged.", minimum=0
    )
    triggerer_health_check_threshold: float = option(
        30.0, "Seconds of silence after which others take over a triggerer's triggers.", minimum=1
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Logging:
    base_log_folder: Path = option(Path("{home}/logs"), "Folder of task and component logs.")
    logging_level: str = option(
        "INFO",
        "Least level that is logged.",
        choices=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    host: str = option("127.0.0.1", "Address the API server listens on.")
    port: int = option(8080, "Port the API server listens on.", minimum=0)
    base_url: str = option("", "URL under which users reach the server; empty for host and port.")
    fallback_page_limit: int = option(50, "Rows in a listing that names no limit.", minimum=1)
    maximum_page_limit: int = option(100, "Most rows a listing gives at once.", minimum=1)
    command_timeout: float = option(
        5.0, "Seconds the API waits for the scheduler's answer.", minimum=0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAuth:
    jwt_secret: str = option(
        "", "Key that signs tokens; kept in home/jwt-secret if empty.", sensitive=True
    )
    jwt_expiration_time: int = option(86400, "Seconds a token is good for.", minimum=1)
    jwt_cli_expiration_time: int = option(
        3600, "Seconds a token made by the CLI is good for.", minimum=1
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Operators:
    default_owner: str = option("airflow", "Owner of tasks that name none.")
    default_queue: str = option("default", "Queue of tasks that name none.")
    default_deferrable: bool = option(
        False,
        "Whether sensors and operators that can wait in a trigger do so unless told otherwise.",
    )
    allow_illegal_arguments: bool = option(
        False,
        "Leave arguments out that an operator does not know, with a warning, as 1.10 did; else the "
        "file is refused.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All options. `home` is TRADEWIND_HOME, made if it is not there."""

    home: Path
    core: Core = field(default_factory=Core)
    database: Database = field(default_factory=Database)
    scheduler: Scheduler = field(default_factory=Scheduler)
    dag_processor: DagProcessor = field(default_factory=DagProcessor)
    triggerer: Triggerer = field(default_factory=Triggerer)
    logging: Logging = field(default_factory=Logging)
    api: Api = field(default_factory=Api)
    api_auth: ApiAuth = field(default_factory=ApiAuth)
    operators: Operators = field(default_factory=Operators)

    @property
    def run_folder(self) -> Path:
        """Sockets, journals and locks of running processes."""
        return self.home / "run"

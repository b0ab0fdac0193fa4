"""What a DAG is once its Python is gone: frozen, serialisable data.

`authoring` compiles a DAG to a Plan, `storage` keeps it, `core` decides by it. Legacy spelling has
been resolved before: there is one name for each thing here. Durations are seconds, moments are
aware datetimes in UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tradewind.model.constructs import AssetSpec, DeadlineSpec, Expansion, SensorSpec, StartTrigger


class TriggerRule(StrEnum):
    """When a task may run, by what became of the tasks directly upstream."""

    ALL_SUCCESS = "all_success"
    ALL_FAILED = "all_failed"
    ALL_DONE = "all_done"
    ALL_DONE_MIN_ONE_SUCCESS = "all_done_min_one_success"
    ALL_DONE_SETUP_SUCCESS = "all_done_setup_success"
    ONE_SUCCESS = "one_success"
    ONE_FAILED = "one_failed"
    ONE_DONE = "one_done"
    NONE_FAILED = "none_failed"
    NONE_FAILED_MIN_ONE_SUCCESS = "none_failed_min_one_success"
    NONE_SKIPPED = "none_skipped"
    ALL_SKIPPED = "all_skipped"
    ALWAYS = "always"


class WeightRule(StrEnum):
    """How a task's own priority_weight becomes its effective one."""

    DOWNSTREAM = "downstream"
    UPSTREAM = "upstream"
    ABSOLUTE = "absolute"


@dataclass(frozen=True, slots=True)
class ScheduleSpec:
    """A timetable as data: `kind` names it, `args` are its JSON arguments.

    `timetables.timetable(spec)` turns it back into one. Kinds: null, once, continuous,
    cron_trigger, multiple_cron_trigger, delta_trigger, cron_data_interval, delta_data_interval,
    events, asset_triggered, asset_or_time, cron_partition, partitioned_assets,
    partitioned_at_runtime.
    """

    kind: str = "null"
    args: dict[str, Any] = field(default_factory=dict)
    summary: str | None = None
    """What lists show as the schedule: `@daily`, `0 0 * * *`, `1 day, 0:00:00`, None."""
    description: str | None = None
    """The same in words: `At 00:00`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPlan:
    """One task of a Plan."""

    task_id: str
    upstream: tuple[str, ...] = ()
    """Ids of the tasks directly upstream, sorted."""
    trigger_rule: TriggerRule = TriggerRule.ALL_SUCCESS
    runs: bool = True
    """False: nothing to execute (EmptyOperator without callbacks); core ends it itself."""
    retries: int = 0
    retry_delay_s: float = 300.0
    retry_backoff: float = 0.0
    """Multiplier m of the exponential backoff; 0 and 1 mean none."""
    max_retry_delay_s: float | None = None
    execution_timeout_s: float | None = None
    pool: str = "default_pool"
    pool_slots: int = 1
    priority_weight: int = 1
    """Effective weight of the first try: the weight rule has been applied."""
    retry_weights: tuple[int, ...] = ()
    """Those of the second try and after; the last one is that of all later ones. Empty: the same."""
    own_priority_weight: int = 1
    weight_rule: str = WeightRule.DOWNSTREAM.value
    queue: str = "default"
    executor: str | None = None
    depends_on_past: bool = False
    ignore_first_depends_on_past: bool = False
    wait_for_downstream: bool = False
    max_active_tis_per_dag: int | None = None
    max_active_tis_per_dagrun: int | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    run_as_user: str | None = None
    wait_for_past_depends_before_skipping: bool = False
    expansion: Expansion | None = None
    """Set: the task becomes many when it runs."""
    is_setup: bool = False
    is_teardown: bool = False
    setups: tuple[str, ...] = ()
    """Of a teardown: ids of the setup tasks it clears away after, sorted."""
    on_failure_fail_dagrun: bool = False
    """Of a teardown: whether the run fails with it."""
    may_skip_downstream: bool = False
    """Whether it chooses which of the tasks after it run: branching, short circuits."""
    sensor: SensorSpec | None = None
    start_trigger: StartTrigger | None = None
    inlets: tuple[dict[str, Any], ...] = ()
    """Assets, aliases and references it reads, each as in an asset expression."""
    outlets: tuple[dict[str, Any], ...] = ()
    """The same of what it writes."""
    unsupported: tuple[str, ...] = ()
    """What its operator would do and cannot yet; a run with such a task is refused."""
    has_end_callbacks: bool = False
    """True if a failure, retry, success or skipped callback is attached."""
    # What pages and REST show:
    operator: str = "BaseOperator"
    class_module: str = ""
    display_name: str = ""
    group_id: str | None = None
    owner: str = "airflow"
    doc_md: str | None = None
    ui_color: str = "#fff"
    ui_fgcolor: str = "#000"
    template_fields: tuple[str, ...] = ()
    extra_links: tuple[tuple[str, str], ...] = ()
    """(name, key of the XCom that holds the address) of links to pages elsewhere."""
    params: dict[str, Any] = field(default_factory=dict)

    def weight_of(self, try_number: int) -> int:
        """The effective weight of a try; before the first it is that of the first."""
        later = self.retry_weights
        if not later or try_number < 2:
            return self.priority_weight
        return later[min(try_number - 2, len(later) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPlan:
    """One TaskGroup; the root group is left out."""

    group_id: str
    parent_id: str | None = None
    expansion: Expansion | None = None
    """Set: the group becomes many when it runs."""
    display_name: str = ""
    tooltip: str = ""
    doc_md: str | None = None
    ui_color: str = "CornflowerBlue"
    ui_fgcolor: str = "#000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One version of one DAG."""

    dag_id: str
    tasks: tuple[TaskPlan, ...] = ()
    """In topological order, ties by order of definition."""
    groups: tuple[GroupPlan, ...] = ()
    schedule: ScheduleSpec = field(default_factory=ScheduleSpec)
    start_date: datetime | None = None
    end_date: datetime | None = None
    timezone: str = "UTC"
    catchup: bool = False
    max_active_runs: int = 16
    max_active_tasks: int = 16
    max_active_tasks_per_run: bool = True
    """True: max_active_tasks counts within one run (3.x); False: over the DAG (2.x)."""
    max_consecutive_failed_dag_runs: int = 0
    dagrun_timeout_s: float | None = None
    fail_fast: bool = False
    profile: int = 3
    """Whose meaning the file gets: 2 for the spelling of Airflow 1.10 and 2.x, 3 for 3.x."""
    profile_reason: str = ""
    """What decided the profile, such as `dags/old.py:3 imports airflow.operators.bash_operator`."""
    runs_are_named_by_date: bool = False
    """True: a run_id is made from the logical date (2.x); False: from run_after (3.x)."""
    manual_run_is_dated: bool = False
    """True: a manual run without a date gets the time it is asked for as its logical date (2.x)."""
    is_paused_upon_creation: bool | None = None
    allowed_run_types: tuple[str, ...] = ()
    """Empty: every type."""
    deadlines: tuple[DeadlineSpec, ...] = ()
    assets: tuple[AssetSpec, ...] = ()
    """Every asset that its schedule and tasks define, by name."""
    result_task_id: str | None = None
    """The task whose return value is the run's."""
    rerun_with_latest_version: bool | None = None
    disable_bundle_versioning: bool = False
    has_on_success_callback: bool = False
    has_on_failure_callback: bool = False
    # What pages and REST show:
    display_name: str = ""
    description: str | None = None
    doc_md: str | None = None
    owners: tuple[str, ...] = ()
    owner_links: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)
    """Param name -> {"value": default, "description": ..., "schema": {...}}."""
    edge_labels: dict[str, dict[str, str]] = field(default_factory=dict)
    """Upstream task_id -> downstream task_id -> label."""
    render_template_as_native_obj: bool = False

    @property
    def looks_back(self) -> bool:
        """Whether a task of it depends on the run before."""
        return any(task.depends_on_past for task in self.tasks)

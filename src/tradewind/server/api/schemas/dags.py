"""DAGs."""

from datetime import datetime, timedelta
from typing import Literal, Self

from pydantic import Field, TypeAdapter

from tradewind.core.abilities import all_not_yet
from tradewind.forecast.upcoming import NamedRun, Upcoming
from tradewind.model.plan import Plan
from tradewind.model.states import RunState, RunType
from tradewind.server.api.schemas.answer import Answer
from tradewind.server.api.schemas.fields import Body, JsonObject, Moment, PageQuery, stable_id
from tradewind.server.api.schemas.versions import DagVersionResponse
from tradewind.server.plan_facts import PlanFacts
from tradewind.storage.listings.dags import DagRow

_duration = TypeAdapter(timedelta)


class DagTagResponse(Answer):
    name: str
    dag_id: str
    dag_display_name: str


class DAGResponse(Answer):
    dag_id: str
    dag_display_name: str
    is_paused: bool
    is_stale: bool
    last_parsed_time: datetime | None
    last_parse_duration: float | None
    last_expired: datetime | None = None
    bundle_name: str | None
    bundle_version: str | None = None
    relative_fileloc: str | None
    fileloc: str
    description: str | None
    timetable_summary: str | None
    timetable_description: str | None
    timetable_partitioned: bool = False
    timetable_periodic: bool
    tags: list[DagTagResponse]
    max_active_tasks: int
    max_active_runs: int | None
    max_consecutive_failed_dag_runs: int
    has_task_concurrency_limits: bool
    has_import_errors: bool
    next_dagrun_logical_date: datetime | None
    next_dagrun_data_interval_start: datetime | None
    next_dagrun_data_interval_end: datetime | None
    next_dagrun_run_after: datetime | None
    allowed_run_types: list[RunType] | None = None
    owners: list[str]
    is_backfillable: bool
    file_token: str

    @classmethod
    def of(cls, row: DagRow, facts: PlanFacts, tags: list[str]) -> Self:
        return cls(
            dag_id=row.dag_id,
            dag_display_name=row.display_name,
            is_paused=row.is_paused,
            is_stale=row.is_stale,
            last_parsed_time=row.last_parsed_time,
            last_parse_duration=row.last_parse_duration,
            bundle_name=row.bundle_name,
            relative_fileloc=row.relative_fileloc,
            fileloc=row.fileloc,
            description=row.description,
            timetable_summary=row.timetable_summary,
            timetable_description=row.timetable_description,
            timetable_periodic=facts.is_periodic,
            tags=[
                DagTagResponse(name=tag, dag_id=row.dag_id, dag_display_name=row.display_name)
                for tag in tags
            ],
            max_active_tasks=row.max_active_tasks,
            max_active_runs=row.max_active_runs,
            max_consecutive_failed_dag_runs=facts.max_consecutive_failed_dag_runs,
            has_task_concurrency_limits=facts.has_task_concurrency_limits,
            has_import_errors=row.has_import_errors,
            next_dagrun_logical_date=row.next_interval_start,
            next_dagrun_data_interval_start=row.next_interval_start,
            next_dagrun_data_interval_end=row.next_interval_end,
            next_dagrun_run_after=row.next_run_after,
            owners=row.owners,
            allowed_run_types=list(facts.allowed_run_types) or None,
            is_backfillable=facts.is_backfillable,
            file_token=stable_id("file", row.bundle_name, row.relative_fileloc),
        )


class DAGDetailsResponse(DAGResponse):
    catchup: bool
    dag_run_timeout: str | None
    asset_expression: JsonObject | None
    doc_md: str | None
    start_date: datetime | None
    end_date: datetime | None
    is_paused_upon_creation: bool | None
    params: JsonObject | None
    render_template_as_native_obj: bool
    template_search_path: None = None
    timezone: str | None
    last_parsed: datetime | None
    default_args: None = None
    owner_links: dict[str, str] | None
    latest_dag_version: DagVersionResponse | None
    active_runs_count: int
    is_favorite: bool = False
    rerun_with_latest_version: bool | None
    concurrency: int
    profile: int
    profile_reason: str
    not_yet_possible: list[str]
    """What of it this version cannot run; why its runs are refused."""

    @classmethod
    def detailed(
        cls, row: DagRow, facts: PlanFacts, tags: list[str], plan: Plan, active_runs: int
    ) -> Self:
        timeout = plan.dagrun_timeout_s
        return cls(
            **DAGResponse.of(row, facts, tags).model_dump(),
            catchup=plan.catchup,
            dag_run_timeout=(
                None
                if timeout is None
                else _duration.dump_python(timedelta(seconds=timeout), mode="json")
            ),
            asset_expression=plan.schedule.args.get("assets"),
            rerun_with_latest_version=plan.rerun_with_latest_version,
            doc_md=plan.doc_md,
            start_date=plan.start_date,
            end_date=plan.end_date,
            is_paused_upon_creation=plan.is_paused_upon_creation,
            params=plan.params,
            render_template_as_native_obj=plan.render_template_as_native_obj,
            timezone=plan.timezone,
            last_parsed=row.last_parsed_time,
            owner_links=plan.owner_links,
            latest_dag_version=DagVersionResponse.of(
                row.dag_id,
                row.version,
                row.version_created_at,
                bundle_name=row.bundle_name,
                dag_display_name=row.display_name,
            ),
            active_runs_count=active_runs,
            concurrency=row.max_active_tasks,
            profile=plan.profile,
            profile_reason=plan.profile_reason,
            not_yet_possible=all_not_yet(plan),
        )


class DAGCollectionResponse(Answer):
    dags: list[DAGResponse]
    total_entries: int


class DAGPatchBody(Body):
    is_paused: bool


class DagsQuery(PageQuery):
    tags: list[str] = []
    tags_match_mode: Literal["any", "all"] | None = None
    owners: list[str] = []
    dag_id_pattern: str | None = None
    dag_id_prefix_pattern: str | None = None
    dag_display_name_pattern: str | None = None
    dag_display_name_prefix_pattern: str | None = None
    exclude_stale: bool = True
    paused: bool | None = None
    has_import_errors: bool | None = None
    last_dag_run_state: RunState | None = None
    bundle_name: str | None = None
    bundle_version: str | None = None
    has_asset_schedule: bool | None = None
    asset_dependency: str | None = None
    is_favorite: bool | None = None
    dag_run_state: list[RunState] = Field(default=[])
    dag_run_start_date_gte: Moment | None = None
    dag_run_start_date_gt: Moment | None = None
    dag_run_start_date_lte: Moment | None = None
    dag_run_start_date_lt: Moment | None = None
    dag_run_end_date_gte: Moment | None = None
    dag_run_end_date_gt: Moment | None = None
    dag_run_end_date_lte: Moment | None = None
    dag_run_end_date_lt: Moment | None = None

    @property
    def matches_nothing(self) -> bool:
        """True if it asks for what no DAG has yet: bundle versions, assets, favourites."""
        return bool(
            self.bundle_version
            or self.has_asset_schedule
            or self.asset_dependency
            or self.is_favorite
        )


class UpcomingRunResponse(Answer):
    run_id: str
    run_after: datetime
    logical_date: datetime | None
    data_interval_start: datetime | None
    data_interval_end: datetime | None

    @classmethod
    def of(cls, run: NamedRun) -> Self:
        interval = run.info.data_interval
        return cls(
            run_id=run.run_id,
            run_after=run.info.run_after,
            logical_date=run.info.logical_date,
            data_interval_start=interval.start if interval else None,
            data_interval_end=interval.end if interval else None,
        )


class UpcomingRunsResponse(Answer):
    is_paused: bool
    why_none: str | None
    """Why the schedule makes no runs; null if it can."""
    overdue: list[UpcomingRunResponse]
    total_overdue: int
    upcoming: list[UpcomingRunResponse]

    @classmethod
    def of(cls, is_paused: bool, found: Upcoming, limit: int) -> Self:
        return cls(
            is_paused=is_paused,
            why_none=found.why_none,
            overdue=[UpcomingRunResponse.of(run) for run in found.overdue[:limit]],
            total_overdue=len(found.overdue),
            upcoming=[UpcomingRunResponse.of(run) for run in found.next],
        )

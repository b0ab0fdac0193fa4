"""Task instances and their tries."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, Field, field_validator, model_validator

from tradewind.model.states import MARKS, TaskState
from tradewind.server.api.schemas.answer import Answer
from tradewind.server.api.schemas.fields import (
    INT_MAX,
    AskedInt,
    Body,
    JsonObject,
    Moment,
    Note,
    PageQuery,
    seconds,
    stable_id,
)
from tradewind.server.api.schemas.ranges import LIFE_RANGES, LifeRanges, UpdatedAtRange, search_of
from tradewind.server.api.schemas.triggers import JobResponse, TriggerResponse
from tradewind.server.api.schemas.versions import DagVersionResponse
from tradewind.server.plan_facts import PlanFacts
from tradewind.server.triggers import Waits
from tradewind.storage.listings.tasks import TaskFilters, TaskRow


def _shown(state: str) -> TaskState | None:
    return None if state == TaskState.NONE else TaskState(state)


def _named(state: object) -> object:
    return TaskState.NONE if state in (None, "null", "no_status") else state


AskedState = Annotated[TaskState, BeforeValidator(_named)]
"""A state to filter by; no state yet is `none`, or null in a body."""


class TaskInstanceHistoryResponse(Answer):
    task_id: str
    dag_id: str
    dag_run_id: str
    map_index: int
    start_date: datetime | None
    end_date: datetime | None
    duration: float | None
    state: TaskState | None
    try_number: int
    max_tries: int
    task_display_name: str
    dag_display_name: str
    hostname: str | None
    unixname: str | None = None
    pool: str
    pool_slots: int
    queue: str | None
    priority_weight: int | None
    operator: str | None
    operator_name: str | None
    queued_when: datetime | None
    scheduled_when: datetime | None
    pid: int | None
    executor: str | None
    executor_config: str = "{}"
    dag_version: DagVersionResponse | None
    exit_reason: str | None
    cpu_s: float | None
    max_rss_kib: int | None

    @classmethod
    def of(cls, row: TaskRow, facts: PlanFacts) -> Self:
        return cls(**_of_a_try(row, facts))


class TaskInstanceResponse(TaskInstanceHistoryResponse):
    id: str
    logical_date: datetime | None
    run_after: datetime
    note: str | None
    rendered_map_index: str | None
    rendered_fields: JsonObject
    trigger: TriggerResponse | None
    triggerer_job: JobResponse | None

    @classmethod
    def of(cls, row: TaskRow, facts: PlanFacts, waits: Waits | None = None) -> Self:
        trigger, triggerer = (waits or {}).get(row.key, (None, None))
        return cls(
            **_of_a_try(row, facts),
            id=stable_id("try", *row.key, row.try_number),
            logical_date=row.logical_date,
            run_after=row.run_after,
            note=row.note,
            rendered_map_index=row.rendered_map_index,
            rendered_fields=row.rendered_fields or {},
            trigger=None if trigger is None else TriggerResponse.of(trigger, triggerer),
            triggerer_job=None if triggerer is None else JobResponse.of(triggerer),
        )


def _of_a_try(row: TaskRow, facts: PlanFacts) -> dict[str, Any]:
    return {
        "task_id": row.task_id,
        "dag_id": row.dag_id,
        "dag_run_id": row.run_id,
        "map_index": row.map_index,
        "start_date": row.start_date,
        "end_date": row.end_date,
        "duration": seconds(row.start_date, row.end_date),
        "state": _shown(row.state),
        "try_number": row.try_number,
        "max_tries": row.max_tries,
        "task_display_name": facts.display_name(row.task_id),
        "dag_display_name": row.dag_display_name or row.dag_id,
        "hostname": row.hostname,
        "pool": row.pool,
        "pool_slots": row.pool_slots,
        "queue": row.queue,
        "priority_weight": row.priority_weight,
        "operator": row.operator,
        "operator_name": row.operator,
        "queued_when": row.queued_at,
        "scheduled_when": row.scheduled_at,
        "pid": row.pid,
        "executor": row.executor,
        "exit_reason": row.exit_reason,
        "cpu_s": row.cpu_s,
        "max_rss_kib": row.max_rss_kib,
        "dag_version": DagVersionResponse.of(
            row.dag_id,
            row.version,
            row.version_created_at,
            bundle_name=row.bundle_name,
            dag_display_name=row.dag_display_name,
        ),
    }


class TaskInstanceCollectionResponse(Answer):
    task_instances: list[TaskInstanceResponse]
    total_entries: int | None
    next_cursor: str | None = None
    previous_cursor: str | None = None
    total_entries_limit: int | None = None


class TaskInstanceHistoryCollectionResponse(Answer):
    task_instances: list[TaskInstanceHistoryResponse]
    total_entries: int


class _TextPatterns(BaseModel):
    pool_name_pattern: str | None = None
    pool_name_prefix_pattern: str | None = None
    queue_name_pattern: str | None = None
    queue_name_prefix_pattern: str | None = None
    operator_name_pattern: str | None = None
    operator_name_prefix_pattern: str | None = None
    rendered_map_index_pattern: str | None = None
    rendered_map_index_prefix_pattern: str | None = None


_TEXTS = ("pool_name", "queue_name", "operator_name", "rendered_map_index")


class MappedTaskInstancesQuery(LifeRanges, UpdatedAtRange, _TextPatterns, PageQuery):
    state: list[AskedState] = []
    pool: list[str] = []
    queue: list[str] = []
    executor: list[str] = []
    version_number: list[AskedInt] = []
    try_number: list[AskedInt] = []
    operator: list[str] = []
    map_index: list[AskedInt] = []

    def conditions(self) -> dict[str, Any]:
        """Keyword arguments of TaskFilters, `search` left out."""
        return {
            "states": self.state,
            "pools": self.pool,
            "queues": self.queue,
            "executors": self.executor,
            "versions": self.version_number,
            "try_numbers": self.try_number,
            "operators": self.operator,
            "map_indexes": self.map_index,
        }

    def filters(self, dag_id: str, run_id: str, task_id: str) -> TaskFilters:
        """The mapped instances of one task."""
        return TaskFilters(
            dag_ids=(dag_id,),
            run_ids=(run_id,),
            task_ids=(task_id,),
            mapped_only=True,
            search=search_of(self, ranges=(*LIFE_RANGES, "updated_at"), texts=_TEXTS),
            **self.conditions(),
        )


class TaskInstancesQuery(MappedTaskInstancesQuery):
    cursor: str | None = None
    task_id: str | None = None
    task_display_name_pattern: str | None = None
    task_display_name_prefix_pattern: str | None = None
    task_group_id: str | None = None
    dag_id_pattern: str | None = None
    dag_id_prefix_pattern: str | None = None
    run_id_pattern: str | None = None
    run_id_prefix_pattern: str | None = None

    def wanted(
        self, dag_id: str | None, run_id: str | None, task_ids: Iterable[str] = ()
    ) -> TaskFilters:
        """As the listing takes them; None stands for every DAG or run."""
        texts = {name: name for name in (*_TEXTS, "dag_id", "run_id")}
        return TaskFilters(
            dag_ids=() if dag_id is None else (dag_id,),
            run_ids=() if run_id is None else (run_id,),
            task_ids=[*task_ids, *([] if self.task_id is None else [self.task_id])],
            search=search_of(
                self,
                ranges=(*LIFE_RANGES, "updated_at"),
                # lists are filtered in SQL, which knows ids; the two differ only where a DAG says so
                texts=texts | {"task_display_name": "task_id"},
            ),
            **self.conditions(),
        )


class TaskInstancesBatchBody(LifeRanges, Body):
    dag_ids: list[str] | None = None
    dag_run_ids: list[str] | None = None
    task_ids: list[str] | None = None
    state: list[AskedState] | None = None
    pool: list[str] | None = None
    queue: list[str] | None = None
    executor: list[str] | None = None
    page_offset: int = Field(default=0, ge=0, le=INT_MAX)
    page_limit: int = Field(default=100, ge=0, le=INT_MAX)
    order_by: str | None = None

    def filters(self) -> TaskFilters:
        return TaskFilters(
            dag_ids=self.dag_ids or (),
            run_ids=self.dag_run_ids or (),
            task_ids=self.task_ids or (),
            states=self.state or (),
            pools=self.pool or (),
            queues=self.queue or (),
            executors=self.executor or (),
            search=search_of(self, ranges=LIFE_RANGES),
        )


class ClearTaskInstancesBody(Body):
    dry_run: bool = True
    start_date: Moment | None = None
    end_date: Moment | None = None
    only_failed: bool = True
    only_running: bool = False
    reset_dag_runs: bool = True
    task_ids: list[str | tuple[str, int]] | None = None
    dag_run_id: str | None = None
    include_upstream: bool = False
    include_downstream: bool = False
    include_future: bool = False
    include_past: bool = False
    run_on_latest_version: bool | None = None
    prevent_running_task: bool = False
    note: Note | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.only_failed and self.only_running:
            raise ValueError("only_failed (the default) and only_running exclude each other")
        if self.start_date and self.end_date and self.start_date >= self.end_date:
            raise ValueError("end_date must be after start_date")
        if self.dag_run_id is None and (self.include_past or self.include_future):
            raise ValueError("include_past and include_future need a dag_run_id")
        if self.dag_run_id is not None and (self.start_date or self.end_date):
            raise ValueError("give either a dag_run_id or a range of dates")
        if self.task_ids is not None and not self.task_ids:
            raise ValueError("task_ids must name a task; leave it out for all tasks")
        return self


class PatchTaskInstanceBody(Body):
    new_state: TaskState | None = None
    note: Note | None = None
    include_upstream: bool = False
    include_downstream: bool = False
    include_future: bool = False
    include_past: bool = False

    @field_validator("new_state")
    @classmethod
    def _can_be_set(cls, value: TaskState | None) -> TaskState | None:
        if value is not None and value not in MARKS:
            raise ValueError(f"must be {', '.join(MARKS)}, not {value}")
        return value


class ExtraLinkCollectionResponse(Answer):
    extra_links: dict[str, str | None]
    """By name; null where the task has not told it."""
    total_entries: int

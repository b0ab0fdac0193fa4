"""Runs."""

from datetime import datetime
from typing import Self

from pydantic import Field, model_validator

from tradewind.model.states import RunState, RunType
from tradewind.server.api.schemas.answer import Answer
from tradewind.server.api.schemas.fields import (
    INT_MAX,
    AskedInt,
    Body,
    Conf,
    JsonObject,
    Moment,
    Note,
    PageQuery,
    seconds,
)
from tradewind.server.api.schemas.ranges import LIFE_RANGES, LifeRanges, UpdatedAtRange, search_of
from tradewind.server.api.schemas.versions import DagVersionResponse
from tradewind.storage.listings.runs import RunFilters, RunRow


class DAGRunResponse(Answer):
    dag_run_id: str
    dag_id: str
    logical_date: datetime | None
    queued_at: datetime | None
    start_date: datetime | None
    end_date: datetime | None
    duration: float | None
    data_interval_start: datetime | None
    data_interval_end: datetime | None
    run_after: datetime
    last_scheduling_decision: datetime | None = None
    run_type: RunType
    state: RunState
    triggered_by: str | None
    triggering_user_name: str | None
    conf: JsonObject | None
    note: str | None
    dag_versions: list[DagVersionResponse]
    bundle_version: str | None = None
    dag_display_name: str
    partition_key: str | None = None
    partition_date: datetime | None = None

    @classmethod
    def of(cls, row: RunRow) -> Self:
        version = DagVersionResponse.of(
            row.dag_id,
            row.version,
            row.version_created_at,
            bundle_name=row.bundle_name,
            dag_display_name=row.dag_display_name,
        )
        return cls(
            dag_run_id=row.run_id,
            dag_id=row.dag_id,
            logical_date=row.logical_date,
            queued_at=row.queued_at,
            start_date=row.start_date,
            end_date=row.end_date,
            duration=seconds(row.start_date, row.end_date),
            data_interval_start=row.data_interval_start,
            data_interval_end=row.data_interval_end,
            run_after=row.run_after,
            run_type=RunType(row.run_type),
            state=RunState(row.state),
            triggered_by=row.triggered_by,
            triggering_user_name=row.triggering_user_name,
            conf=row.conf,
            note=row.note,
            dag_versions=[] if version is None else [version],
            dag_display_name=row.dag_display_name or row.dag_id,
        )


class DAGRunCollectionResponse(Answer):
    dag_runs: list[DAGRunResponse]
    total_entries: int | None
    next_cursor: str | None = None
    previous_cursor: str | None = None
    total_entries_limit: int | None = None


class TriggerDAGRunPostBody(Body):
    dag_run_id: str | None = Field(default=None, max_length=250)
    data_interval_start: Moment | None = None
    data_interval_end: Moment | None = None
    logical_date: Moment | None
    run_after: Moment | None = None
    conf: Conf | None = None
    note: Note | None = None
    partition_key: str | None = None

    @model_validator(mode="after")
    def _interval_is_whole(self) -> Self:
        if (self.data_interval_start is None) != (self.data_interval_end is None):
            raise ValueError("give both data_interval_start and data_interval_end, or neither")
        if self.data_interval_start and self.data_interval_end:
            if self.logical_date is None:
                raise ValueError("a data interval needs a logical_date")
            if self.data_interval_start > self.data_interval_end:
                raise ValueError("data_interval_start is after data_interval_end")
        return self


class DAGRunPatchBody(Body):
    state: RunState | None = None
    note: Note | None = None

    @model_validator(mode="after")
    def _state_can_be_set(self) -> Self:
        if self.state is RunState.RUNNING:
            raise ValueError("state can be set to queued, success or failed")
        return self


class DAGRunClearBody(Body):
    dry_run: bool = True
    only_failed: bool = False
    only_new: bool = False
    run_on_latest_version: bool | None = None
    note: Note | None = None

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        if self.only_failed and self.only_new:
            raise ValueError("only_failed and only_new exclude each other")
        return self


class RunsQuery(LifeRanges, UpdatedAtRange, PageQuery):
    cursor: str | None = None
    conf_contains: str | None = None
    run_type: list[RunType] = []
    state: list[RunState] = []
    dag_version: list[AskedInt] = []
    bundle_version: str | None = None
    run_id_pattern: str | None = None
    run_id_prefix_pattern: str | None = None
    triggering_user_name_pattern: str | None = None
    triggering_user_name_prefix_pattern: str | None = None
    dag_id_pattern: str | None = None
    dag_id_prefix_pattern: str | None = None

    def filters(self, dag_id: str | None) -> RunFilters:
        """As the listing takes them; a dag_id of None stands for every DAG."""
        return RunFilters(
            dag_ids=() if dag_id is None else (dag_id,),
            states=self.state,
            run_types=self.run_type,
            versions=self.dag_version,
            conf_contains=self.conf_contains,
            search=search_of(
                self,
                ranges=(*LIFE_RANGES, "updated_at"),
                texts=("run_id", "triggering_user_name", "dag_id"),
            ),
        )


class DAGRunsBatchBody(LifeRanges, Body):
    order_by: str | None = None
    page_offset: int = Field(default=0, ge=0, le=INT_MAX)
    page_limit: int = Field(default=100, ge=0, le=INT_MAX)
    dag_ids: list[str] | None = None
    states: list[RunState | None] | None = None
    conf_contains: str | None = None

    def filters(self) -> RunFilters:
        return RunFilters(
            dag_ids=self.dag_ids or (),
            states=[state for state in self.states or () if state is not None],
            conf_contains=self.conf_contains,
            search=search_of(self, ranges=LIFE_RANGES),
        )

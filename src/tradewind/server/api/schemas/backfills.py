"""Backfills."""

from datetime import datetime
from typing import Self

from pydantic import Field, model_validator

from tradewind.model.commands import ReprocessBehavior
from tradewind.server.api.schemas.answer import Answer
from tradewind.server.api.schemas.fields import Body, Conf, JsonObject, Moment, PageQuery
from tradewind.storage.listings.backfills import BackfillRow


class BackfillResponse(Answer):
    id: int
    dag_id: str
    from_date: datetime
    to_date: datetime
    dag_run_conf: JsonObject | None
    is_paused: bool
    reprocess_behavior: str
    max_active_runs: int
    created_at: datetime
    completed_at: datetime | None
    updated_at: datetime
    dag_display_name: str

    @classmethod
    def of(cls, row: BackfillRow) -> Self:
        return cls(
            id=row.id,
            dag_id=row.dag_id,
            from_date=row.from_date,
            to_date=row.to_date,
            dag_run_conf=row.conf,
            is_paused=row.is_paused,
            reprocess_behavior=row.reprocess_behavior,
            max_active_runs=row.max_active_runs,
            created_at=row.created_at,
            completed_at=row.completed_at,
            updated_at=row.completed_at or row.created_at,
            dag_display_name=row.dag_display_name or row.dag_id,
        )


class BackfillCollectionResponse(Answer):
    backfills: list[BackfillResponse]
    total_entries: int


class DryRunBackfillResponse(Answer):
    logical_date: datetime | None
    partition_key: str | None = None
    partition_date: datetime | None = None


class DryRunBackfillCollectionResponse(Answer):
    backfills: list[DryRunBackfillResponse]
    total_entries: int


class BackfillPostBody(Body):
    dag_id: str
    from_date: Moment
    to_date: Moment
    run_backwards: bool = False
    dag_run_conf: Conf | None = None
    reprocess_behavior: ReprocessBehavior = ReprocessBehavior.NONE
    max_active_runs: int = Field(default=10, ge=1, le=100_000)
    run_on_latest_version: bool | None = None

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.from_date > self.to_date:
            raise ValueError("from_date is after to_date")
        return self


class BackfillsQuery(PageQuery):
    dag_id: str

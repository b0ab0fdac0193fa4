"""Assets."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from tradewind.server.api.schemas.answer import Answer
from tradewind.server.api.schemas.fields import (
    AskedInt,
    Body,
    Conf,
    JsonObject,
    Moment,
    PageQuery,
)
from tradewind.server.api.schemas.runs import TriggerDAGRunPostBody
from tradewind.storage.listings.assets import (
    AliasRow,
    AssetRow,
    EventRow,
    QueuedRow,
    Reference,
    References,
    TakenByRow,
)


class DagReference(Answer):
    dag_id: str
    created_at: datetime
    updated_at: datetime


class TaskReference(DagReference):
    task_id: str


class AssetAliasResponse(Answer):
    id: int
    name: str
    group: str

    @classmethod
    def of(cls, row: AliasRow) -> Self:
        return cls(id=row.id, name=row.name, group=row.group)


class LastAssetEvent(Answer):
    id: int
    timestamp: datetime


class AssetResponse(Answer):
    id: int
    name: str
    uri: str
    group: str
    extra: JsonObject | None
    created_at: datetime
    updated_at: datetime
    scheduled_dags: list[DagReference]
    producing_tasks: list[TaskReference]
    consuming_tasks: list[TaskReference]
    aliases: list[AssetAliasResponse]
    watchers: list[dict[str, Any]] = []
    last_asset_event: LastAssetEvent | None

    @classmethod
    def of(cls, row: AssetRow, named: References) -> Self:
        last = named.last_event
        return cls(
            **{name: getattr(row, name) for name in AssetRow.__slots__},
            scheduled_dags=[DagReference(**_dates(item)) for item in named.scheduled],
            producing_tasks=[_task(item) for item in named.producing],
            consuming_tasks=[_task(item) for item in named.consuming],
            aliases=[AssetAliasResponse.of(alias) for alias in named.aliases],
            last_asset_event=last and LastAssetEvent(id=last[0], timestamp=last[1]),
        )


def _dates(item: Reference) -> dict[str, Any]:
    return {
        "dag_id": item.dag_id,
        "created_at": item.created_at,
        "updated_at": item.created_at,
    }


def _task(item: Reference) -> TaskReference:
    return TaskReference(**_dates(item), task_id=item.task_id or "")


class AssetCollectionResponse(Answer):
    assets: list[AssetResponse]
    total_entries: int


class AssetAliasCollectionResponse(Answer):
    asset_aliases: list[AssetAliasResponse]
    total_entries: int


class DagRunAssetReference(Answer):
    run_id: str
    dag_id: str
    logical_date: datetime | None
    start_date: datetime | None
    end_date: datetime | None
    state: str
    data_interval_start: datetime | None
    data_interval_end: datetime | None
    partition_key: str | None = None

    @classmethod
    def of(cls, row: TakenByRow) -> Self:
        names = [name for name in TakenByRow.__slots__ if name != "event_id"]
        return cls(**{name: getattr(row, name) for name in names})


class AssetEventResponse(Answer):
    id: int
    asset_id: int
    uri: str
    name: str
    group: str
    extra: JsonObject
    source_task_id: str | None
    source_dag_id: str | None
    source_run_id: str | None
    source_map_index: int
    created_dagruns: list[DagRunAssetReference]
    timestamp: datetime
    partition_key: str | None = None

    @classmethod
    def of(cls, row: EventRow, taken: Iterable[TakenByRow]) -> Self:
        return cls(
            id=row.id,
            asset_id=row.asset_id,
            uri=row.uri,
            name=row.name,
            group=row.group,
            extra=row.extra,
            source_task_id=row.task_id,
            source_dag_id=row.dag_id,
            source_run_id=row.run_id,
            source_map_index=row.map_index,
            created_dagruns=[DagRunAssetReference.of(run) for run in taken],
            timestamp=row.at,
        )


class AssetEventCollectionResponse(Answer):
    asset_events: list[AssetEventResponse]
    total_entries: int


class QueuedEventResponse(Answer):
    dag_id: str
    dag_display_name: str
    asset_id: int
    created_at: datetime

    @classmethod
    def of(cls, row: QueuedRow) -> Self:
        return cls(**{name: getattr(row, name) for name in QueuedRow.__slots__})


class QueuedEventCollectionResponse(Answer):
    queued_events: list[QueuedEventResponse]
    total_entries: int

    @classmethod
    def of(cls, rows: list[QueuedRow]) -> Self:
        return cls(
            queued_events=[QueuedEventResponse.of(row) for row in rows], total_entries=len(rows)
        )


class CreateAssetEventsBody(Body):
    asset_id: AskedInt
    partition_key: str | None = Field(default=None, max_length=250)
    extra: Conf = {}


class MaterializeAssetBody(TriggerDAGRunPostBody):
    logical_date: Moment | None = None


class AssetsQuery(PageQuery):
    name_pattern: str | None = None
    name_prefix_pattern: str | None = None
    uri_pattern: str | None = None
    uri_prefix_pattern: str | None = None
    dag_ids: list[str] = []
    only_active: bool = True


class AliasesQuery(PageQuery):
    name_pattern: str | None = None
    name_prefix_pattern: str | None = None


class _TimestampRange(BaseModel):
    timestamp_gte: Moment | None = None
    timestamp_gt: Moment | None = None
    timestamp_lte: Moment | None = None
    timestamp_lt: Moment | None = None


class EventsQuery(_TimestampRange, PageQuery):
    asset_id: AskedInt | None = None
    source_dag_id: str | None = None
    source_task_id: str | None = None
    source_run_id: str | None = None
    source_map_index: AskedInt | None = None
    name_pattern: str | None = None
    name_prefix_pattern: str | None = None

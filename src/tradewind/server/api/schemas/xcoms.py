"""XComs."""

import json
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from tradewind.server.api.schemas.answer import Answer
from tradewind.server.api.schemas.fields import INT_MAX, Json, PageQuery
from tradewind.server.api.schemas.ranges import LogicalDateRange, RunAfterRange, search_of
from tradewind.server.plan_facts import PlanFacts
from tradewind.storage.listings.xcoms import XComFilters, XComRow


class XComResponse(Answer):
    key: str
    timestamp: datetime
    logical_date: datetime | None
    map_index: int
    task_id: str
    dag_id: str
    run_id: str
    dag_display_name: str
    task_display_name: str
    run_after: datetime

    @classmethod
    def of(cls, row: XComRow, facts: PlanFacts, **more: Any) -> Self:
        return cls(
            key=row.key,
            timestamp=row.timestamp,
            logical_date=row.logical_date,
            map_index=row.map_index,
            task_id=row.task_id,
            dag_id=row.dag_id,
            run_id=row.run_id,
            dag_display_name=row.dag_display_name or row.dag_id,
            task_display_name=facts.display_name(row.task_id),
            run_after=row.run_after,
            **more,
        )


class XComValueResponse(XComResponse):
    value: Json


def as_text(value: Any) -> str:
    """A value as one text: itself if it is one, else JSON."""
    return value if isinstance(value, str) else json.dumps(value)


class XComCollectionResponse(Answer):
    xcom_entries: list[XComResponse]
    total_entries: int


class XComsQuery(RunAfterRange, LogicalDateRange, PageQuery):
    xcom_key: str | None = None
    map_index: int | None = Field(default=None, ge=-1, le=INT_MAX)
    map_index_filter: int | None = Field(default=None, ge=-INT_MAX, le=INT_MAX)
    xcom_key_pattern: str | None = None
    xcom_key_prefix_pattern: str | None = None
    dag_display_name_pattern: str | None = None
    dag_display_name_prefix_pattern: str | None = None
    run_id_pattern: str | None = None
    run_id_prefix_pattern: str | None = None
    task_id_pattern: str | None = None
    task_id_prefix_pattern: str | None = None

    def filters(self, dag_id: str | None, run_id: str | None, task_id: str | None) -> XComFilters:
        """As the listing takes them; None stands for every DAG, run or task."""
        index = self.map_index if self.map_index is not None else self.map_index_filter
        return XComFilters(
            dag_ids=() if dag_id is None else (dag_id,),
            run_ids=() if run_id is None else (run_id,),
            task_ids=() if task_id is None else (task_id,),
            keys=() if self.xcom_key is None else (self.xcom_key,),
            map_index=index,
            search=search_of(
                self,
                ranges=("run_after", "logical_date"),
                texts=("xcom_key", "dag_display_name", "run_id", "task_id"),
            ),
        )


class XComQuery(BaseModel):
    map_index: int = Field(default=-1, ge=-1, le=INT_MAX)
    deserialize: bool = False
    stringify: bool = False

"""Versions of a DAG."""

from datetime import datetime
from typing import Self

from tradewind.server.api.schemas.answer import Answer
from tradewind.server.api.schemas.fields import AskedInt, PageQuery, stable_id


class DagVersionResponse(Answer):
    id: str
    version_number: int
    dag_id: str
    bundle_name: str | None
    bundle_version: str | None = None
    created_at: datetime
    dag_display_name: str
    bundle_url: str | None = None

    @classmethod
    def of(
        cls,
        dag_id: str,
        version: int,
        created_at: datetime | None,
        *,
        bundle_name: str | None,
        dag_display_name: str | None,
    ) -> Self | None:
        """None for a version whose row is gone."""
        if created_at is None:
            return None
        return cls(
            id=stable_id("version", dag_id, version),
            version_number=version,
            dag_id=dag_id,
            bundle_name=bundle_name,
            created_at=created_at,
            dag_display_name=dag_display_name or dag_id,
        )


class DagVersionCollectionResponse(Answer):
    dag_versions: list[DagVersionResponse]
    total_entries: int


class DagVersionsQuery(PageQuery):
    version_number: AskedInt | None = None
    bundle_name: str | None = None
    bundle_version: str | None = None

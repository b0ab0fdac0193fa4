"""Pools."""

from typing import Self

from pydantic import Field

from tradewind.server.api.schemas.answer import Answer
from tradewind.server.api.schemas.fields import INT_MAX, Body, PageQuery
from tradewind.storage.listings.pools import PoolRow


class PoolResponse(Answer):
    name: str
    slots: int
    description: str | None
    include_deferred: bool
    occupied_slots: int
    running_slots: int
    queued_slots: int
    scheduled_slots: int
    open_slots: int
    deferred_slots: int
    team_name: str | None = None

    @classmethod
    def of(cls, row: PoolRow) -> Self:
        return cls(
            name=row.name,
            slots=row.slots,
            description=row.description,
            include_deferred=row.include_deferred,
            occupied_slots=row.occupied_slots,
            running_slots=row.running_slots,
            queued_slots=row.queued_slots,
            scheduled_slots=row.scheduled_slots,
            open_slots=row.open_slots,
            deferred_slots=row.deferred_slots,
        )


class PoolCollectionResponse(Answer):
    pools: list[PoolResponse]
    total_entries: int


class PoolBody(Body):
    name: str = Field(min_length=1, max_length=256)
    slots: int = Field(ge=-1, le=INT_MAX)
    description: str | None = None
    include_deferred: bool = False
    team_name: str | None = None


class PoolPatchBody(Body):
    pool: str | None = Field(default=None, alias="name", min_length=1, max_length=256)
    slots: int | None = Field(default=None, ge=-1, le=INT_MAX)
    description: str | None = None
    include_deferred: bool | None = None
    team_name: str | None = None

    model_config = {"validate_by_name": True, "validate_by_alias": True}


class PoolsQuery(PageQuery):
    pool_name_pattern: str | None = None
    pool_name_prefix_pattern: str | None = None

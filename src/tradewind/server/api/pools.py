"""Pools: list, look at, make, change, delete."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query, status

from tradewind.model.errors import AlreadyExists, NotFound, UserError
from tradewind.server.api.masks import UpdateMask, chosen
from tradewind.server.api.paging import page_size
from tradewind.server.api.schemas.pools import (
    PoolBody,
    PoolCollectionResponse,
    PoolPatchBody,
    PoolResponse,
    PoolsQuery,
)
from tradewind.server.api.schemas.ranges import search_of
from tradewind.server.auth.access import needs
from tradewind.server.auth.roles import Permission
from tradewind.server.services import Here, Services
from tradewind.storage import bells
from tradewind.storage import pools as stored_pools
from tradewind.storage.listings.pools import PoolFilters, PoolRow, find_pool, list_pools

router = APIRouter(prefix="/pools", tags=["Pool"])

_WRITABLE = ("slots", "description", "include_deferred")


@router.get("", dependencies=[needs(Permission.READ_POOLS)])
def get_pools(here: Here, query: Annotated[PoolsQuery, Query()]) -> PoolCollectionResponse:
    """Pools and how full they are."""
    with here.database.read() as conn:
        rows, total = list_pools(
            conn,
            PoolFilters(search=search_of(query, texts=("pool_name",))),
            limit=page_size(here.settings, query.limit),
            offset=query.offset,
            order_by=query.order_by,
        )
    return PoolCollectionResponse(pools=[PoolResponse.of(row) for row in rows], total_entries=total)


@router.post("", dependencies=[needs(Permission.EDIT_POOLS)], status_code=status.HTTP_201_CREATED)
def post_pool(here: Here, body: PoolBody) -> PoolResponse:
    """Make a pool."""
    with here.database.write() as conn:
        if find_pool(conn, body.name) is not None:
            raise AlreadyExists(f"there is a pool {body.name!r} already")
        stored_pools.upsert(
            conn,
            body.name,
            slots=body.slots,
            description=body.description,
            include_deferred=body.include_deferred,
        )
    return _changed(here, body.name)


@router.get("/{pool_name:path}", dependencies=[needs(Permission.READ_POOLS)])
def get_pool(here: Here, pool_name: str) -> PoolResponse:
    """One pool."""
    with here.database.read() as conn:
        return PoolResponse.of(_the_pool(conn, pool_name))


@router.patch("/{pool_name:path}", dependencies=[needs(Permission.EDIT_POOLS)])
def patch_pool(
    here: Here,
    pool_name: str,
    body: PoolPatchBody,
    update_mask: UpdateMask = [],  # noqa: B006 - FastAPI copies it
) -> PoolResponse:
    """Change a pool; its name stays."""
    if body.pool not in (None, pool_name):
        raise UserError(f"pool {pool_name!r} cannot be renamed: make another and delete this one")
    named = [name for name in update_mask if name not in ("pool", "name")]
    fields = chosen(body, named, _WRITABLE)
    new = {
        name: value
        for name in fields
        if (value := getattr(body, name)) is not None or name == "description"
    }
    with here.database.write() as conn:
        row = _the_pool(conn, pool_name)
        kept = {name: getattr(row, name) for name in _WRITABLE}
        stored_pools.upsert(conn, pool_name, **(kept | new))
    return _changed(here, pool_name)


@router.delete(
    "/{pool_name:path}",
    dependencies=[needs(Permission.EDIT_POOLS)],
    status_code=status.HTTP_204_NO_CONTENT,
)
def delete_pool(here: Here, pool_name: str) -> None:
    """Delete a pool; tasks that name it wait until there is one again."""
    with here.database.write() as conn:
        stored_pools.delete(conn, pool_name)
    bells.ring(here.database, "scheduler")


def _the_pool(conn: sa.Connection, name: str) -> PoolRow:
    row = find_pool(conn, name)
    if row is None:
        raise NotFound(f"there is no pool {name!r}")
    return row


def _changed(here: Services, name: str) -> PoolResponse:
    bells.ring(here.database, "scheduler")
    return get_pool(here, name)

"""Import errors: list and look at."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from tradewind.model.errors import NotFound
from tradewind.server.api.paging import page_size
from tradewind.server.api.schemas.fields import INT_MAX
from tradewind.server.api.schemas.import_errors import (
    ImportErrorCollectionResponse,
    ImportErrorResponse,
    ImportErrorsQuery,
)
from tradewind.server.auth.access import needs
from tradewind.server.auth.roles import Permission
from tradewind.server.services import Here
from tradewind.storage.listings.import_errors import find_import_error, list_import_errors

router = APIRouter(prefix="/importErrors", tags=["Import Error"])


@router.get("", dependencies=[needs(Permission.READ_DAGS)])
def get_import_errors(
    here: Here, query: Annotated[ImportErrorsQuery, Query()]
) -> ImportErrorCollectionResponse:
    """DAG files that could not be read, and why."""
    with here.database.read() as conn:
        rows, total = list_import_errors(
            conn,
            query.filters(),
            limit=page_size(here.settings, query.limit),
            offset=query.offset,
            order_by=query.order_by,
        )
    return ImportErrorCollectionResponse(
        import_errors=[ImportErrorResponse.of(row) for row in rows], total_entries=total
    )


@router.get("/{import_error_id}", dependencies=[needs(Permission.READ_DAGS)])
def get_import_error(
    here: Here, import_error_id: Annotated[int, Path(ge=0, le=INT_MAX)]
) -> ImportErrorResponse:
    """One import error."""
    with here.database.read() as conn:
        row = find_import_error(conn, import_error_id)
    if row is None:
        raise NotFound(f"there is no import error {import_error_id}")
    return ImportErrorResponse.of(row)

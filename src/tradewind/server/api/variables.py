"""Variables: list, look at, make, change, delete."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query, status

from tradewind.model.errors import AlreadyExists, NotFound, UserError
from tradewind.server.api.masks import UpdateMask, chosen
from tradewind.server.api.paging import page_size
from tradewind.server.api.schemas.ranges import search_of
from tradewind.server.api.schemas.variables import (
    VariableBody,
    VariableCollectionResponse,
    VariableResponse,
    VariablesQuery,
    kept_value,
)
from tradewind.server.auth.access import needs
from tradewind.server.auth.roles import Permission
from tradewind.server.services import Here, Services
from tradewind.storage import bells
from tradewind.storage import variables as stored_variables
from tradewind.storage.listings.variables import (
    VariableFilters,
    VariableRow,
    find_variable,
    list_variables,
)

router = APIRouter(
    prefix="/variables", tags=["Variable"], dependencies=[needs(Permission.USE_VARIABLES)]
)


@router.get("")
def get_variables(
    here: Here, query: Annotated[VariablesQuery, Query()]
) -> VariableCollectionResponse:
    """Variables; those whose key sounds like a secret come masked."""
    with here.database.read() as conn:
        rows, total = list_variables(
            conn,
            VariableFilters(search=search_of(query, texts=("variable_key",))),
            cipher=here.cipher,
            limit=page_size(here.settings, query.limit),
            offset=query.offset,
            order_by=query.order_by,
        )
    return VariableCollectionResponse(
        variables=[_shown(here, row) for row in rows], total_entries=total
    )


@router.post("", status_code=status.HTTP_201_CREATED)
def post_variable(here: Here, body: VariableBody) -> VariableResponse:
    """Make a variable."""
    with here.database.write() as conn:
        if find_variable(conn, body.key, cipher=here.cipher) is not None:
            raise AlreadyExists(f"there is a variable {body.key!r} already")
        stored_variables.upsert(
            conn, body.key, body.text, description=body.description, cipher=here.cipher
        )
    return _changed(here, body.key)


@router.get("/{variable_key:path}")
def get_variable(here: Here, variable_key: str) -> VariableResponse:
    """One variable."""
    with here.database.read() as conn:
        return _shown(here, _the_variable(here, conn, variable_key))


@router.patch("/{variable_key:path}")
def patch_variable(
    here: Here,
    variable_key: str,
    body: VariableBody,
    update_mask: UpdateMask = [],  # noqa: B006 - FastAPI copies it
) -> VariableResponse:
    """Change a variable; its key stays. `***` leaves what was masked as it is."""
    if body.key != variable_key:
        raise UserError(
            f"variable {variable_key!r} cannot be renamed: make another and delete this one"
        )
    fields = chosen(body, [name for name in update_mask if name != "key"], _WRITABLE)
    with here.database.write() as conn:
        row = _the_variable(here, conn, variable_key)
        new = kept_value(variable_key, body.text, row.value) if "value" in fields else row.value
        description = body.description if "description" in fields else row.description
        stored_variables.upsert(
            conn, variable_key, new, description=description, cipher=here.cipher
        )
    return _changed(here, variable_key)


@router.delete("/{variable_key:path}", status_code=status.HTTP_204_NO_CONTENT)
def delete_variable(here: Here, variable_key: str) -> None:
    """Delete a variable."""
    with here.database.write() as conn:
        stored_variables.delete(conn, variable_key)
    bells.ring(here.database, "answers")


_WRITABLE = ("value", "description")


def _shown(here: Services, row: VariableRow) -> VariableResponse:
    return VariableResponse.of(row, masked=here.settings.core.hide_sensitive_var_conn_fields)


def _the_variable(here: Services, conn: sa.Connection, key: str) -> VariableRow:
    row = find_variable(conn, key, cipher=here.cipher)
    if row is None:
        raise NotFound(f"there is no variable {key!r}")
    return row


def _changed(here: Services, key: str) -> VariableResponse:
    # a DAG file may have read it while it was parsed
    bells.ring(here.database, "answers")
    return get_variable(here, key)

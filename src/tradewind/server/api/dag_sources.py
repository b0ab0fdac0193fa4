"""The text of a DAG's file, and the versions of a DAG."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query
from fastapi.responses import PlainTextResponse

from tradewind.model.errors import NotFound
from tradewind.server.api.finding import the_dag
from tradewind.server.api.paging import one_or_every, page_size
from tradewind.server.api.schemas.answer import Answer
from tradewind.server.api.schemas.fields import INT_MAX
from tradewind.server.api.schemas.versions import (
    DagVersionCollectionResponse,
    DagVersionResponse,
    DagVersionsQuery,
)
from tradewind.server.auth.access import needs
from tradewind.server.auth.roles import Permission
from tradewind.server.services import Here
from tradewind.storage import sources
from tradewind.storage.listings.plans import (
    VersionFilters,
    VersionRow,
    find_version,
    list_versions,
)

router = APIRouter(tags=["DagSource"])

_READ = [needs(Permission.READ_DAGS)]


class DAGSourceResponse(Answer):
    content: str | None
    dag_id: str
    version_number: int | None
    dag_display_name: str


@router.get("/dagSources/{dag_id}", dependencies=_READ, response_model=DAGSourceResponse)
def get_dag_source(
    here: Here,
    dag_id: str,
    version_number: Annotated[int | None, Query(ge=1, le=INT_MAX)] = None,
    accept: Annotated[str, Header()] = "*/*",
) -> DAGSourceResponse | PlainTextResponse:
    """The file a version of a DAG was read from; `Accept: text/plain` gives the bare text."""
    with here.database.read() as conn:
        row = the_dag(conn, dag_id)
        number, code_hash = row.version, row.code_hash
        if version_number is not None and version_number != row.version:
            version = find_version(conn, dag_id, version_number)
            if version is None:
                raise NotFound(f"DAG {dag_id!r} has no version {version_number}")
            number, code_hash = version.version, version.code_hash
        text = sources.get(conn, code_hash)
    if text is None:
        raise NotFound(f"the source of version {number} of DAG {dag_id!r} is not kept")
    if "text/plain" in accept and "json" not in accept:
        return PlainTextResponse(text)
    return DAGSourceResponse(
        content=text, dag_id=dag_id, version_number=number, dag_display_name=row.display_name
    )


@router.get("/dags/{dag_id}/dagVersions", tags=["DagVersion"], dependencies=_READ)
def get_dag_versions(
    here: Here, dag_id: str, query: Annotated[DagVersionsQuery, Query()]
) -> DagVersionCollectionResponse:
    """Versions of one DAG, or of all with `~`."""
    one_dag = one_or_every(dag_id)
    with here.database.read() as conn:
        if one_dag is not None:
            the_dag(conn, one_dag)
        if query.bundle_version is not None:
            return DagVersionCollectionResponse(dag_versions=[], total_entries=0)
        rows, total = list_versions(
            conn,
            VersionFilters(
                dag_id=one_dag, version=query.version_number, bundle_name=query.bundle_name
            ),
            limit=page_size(here.settings, query.limit),
            offset=query.offset,
            order_by=query.order_by,
        )
    return DagVersionCollectionResponse(
        dag_versions=[_shown(row) for row in rows], total_entries=total
    )


@router.get("/dags/{dag_id}/dagVersions/{version_number}", tags=["DagVersion"], dependencies=_READ)
def get_dag_version(
    here: Here, dag_id: str, version_number: Annotated[int, Path(ge=1, le=INT_MAX)]
) -> DagVersionResponse:
    """One version of a DAG."""
    with here.database.read() as conn:
        row = find_version(conn, dag_id, version_number)
    if row is None:
        raise NotFound(f"DAG {dag_id!r} has no version {version_number}")
    return _shown(row)


def _shown(row: VersionRow) -> DagVersionResponse:
    shown = DagVersionResponse.of(
        row.dag_id,
        row.version,
        row.created_at,
        bundle_name=row.bundle_name,
        dag_display_name=row.dag_display_name,
    )
    assert shown is not None  # its row is what it was made of
    return shown

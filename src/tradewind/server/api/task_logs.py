"""The log of a try, as JSON page by page or as a stream of text."""

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import ConfigDict

from tradewind.model.errors import NotFound, UserError
from tradewind.model.keys import TaskKey
from tradewind.model.log_paths import log_path
from tradewind.model.states import FINISHED, TaskState
from tradewind.server.api.finding import the_task
from tradewind.server.api.schemas.answer import Answer
from tradewind.server.api.schemas.fields import INT_MAX, Moment
from tradewind.server.auth.access import needs
from tradewind.server.auth.roles import Permission
from tradewind.server.logs import Message, as_json_line, as_text, read_all, read_page
from tradewind.server.services import Here, Services
from tradewind.storage.listings.tasks import TaskRow, list_tries

router = APIRouter(prefix="/dags/{dag_id}", tags=["Task Instance"])

_PATH = "/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{try_number}"
_JSON, _NDJSON, _TEXT = "application/json", "application/x-ndjson", "text/plain"


class StructuredLogMessage(Answer):
    model_config = ConfigDict(extra="allow")

    timestamp: Moment | None = None
    event: str


class TaskInstancesLogResponse(Answer):
    content: list[StructuredLogMessage] | list[str]
    continuation_token: str | None


@router.get(
    _PATH,
    dependencies=[needs(Permission.READ_DAGS)],
    response_class=Response,
    responses={
        200: {
            "model": TaskInstancesLogResponse,
            "content": {_NDJSON: {"schema": {"type": "string"}}, _TEXT: {}},
        }
    },
)
def get_log(
    here: Here,
    dag_id: str,
    dag_run_id: str,
    task_id: str,
    try_number: Annotated[int, Path(ge=0, le=INT_MAX)],
    full_content: bool = False,
    map_index: Annotated[int, Query(ge=-1, le=INT_MAX)] = -1,
    token: str | None = None,
    accept: Annotated[str, Header()] = "*/*",
) -> Response:
    """What one try wrote.

    JSON comes with a `continuation_token` while there is, or may come, more: send it as `token`.
    `text/plain` and `application/x-ndjson` give all there is.
    """
    key = TaskKey(dag_id, dag_run_id, task_id, map_index)
    row = _the_try(here, key, try_number)
    path = log_path(here.settings.logging.base_log_folder, key, try_number)
    offset = _offset(token)
    if _TEXT in accept and _JSON not in accept:
        lines = (as_text(message) + "\n" for message in _told(row, read_all(path, offset)))
        return StreamingResponse(lines, media_type=_TEXT)
    if _NDJSON in accept:
        stream = map(as_json_line, _told(row, read_all(path, offset)))
        return StreamingResponse(stream, media_type=_NDJSON)
    if full_content:
        return _page(list(_told(row, read_all(path, offset))), None)
    is_over = _is_over(row, try_number)
    page = read_page(path, offset, whole_lines=not is_over)
    messages = page.messages or ([] if offset else list(_told(row, iter(()))))
    return _page(messages, None if page.is_end and is_over else _token(page.next_offset))


def _the_try(here: Services, key: TaskKey, try_number: int) -> TaskRow:
    with here.database.read() as conn:
        latest = the_task(conn, key)
        if try_number == latest.try_number:
            return latest
        for row in list_tries(conn, key):
            if row.try_number == try_number:
                return row
    raise NotFound(f"task instance {key.task_id!r} of run {key.run_id!r} has no try {try_number}")


def _is_over(row: TaskRow, try_number: int) -> bool:
    state = TaskState(row.state)
    return state in FINISHED or state in (TaskState.UP_FOR_RETRY, TaskState.NONE)


def _told(row: TaskRow, messages: Iterator[Message]) -> Iterator[Message]:
    """The messages; where there is none, one that says why."""
    nothing = True
    for message in messages:
        nothing = False
        yield message
    if nothing:
        why = f": {row.exit_reason}" if row.exit_reason else ""
        yield {"event": f"No log: try {row.try_number} is {row.state}{why}.", "level": "info"}


def _page(messages: list[dict[str, Any]], token: str | None) -> JSONResponse:
    return JSONResponse({"content": messages, "continuation_token": token})


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"offset": offset}).encode()).decode()


def _offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        offset = json.loads(base64.urlsafe_b64decode(token))["offset"]
    except (binascii.Error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError("token is not the continuation_token of an earlier answer") from error
    if type(offset) is not int or not 0 <= offset < 2**63:
        raise UserError("token is not the continuation_token of an earlier answer")
    return offset

"""What tries ask people, and the answers."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tradewind.model.codec import from_data, to_data
from tradewind.model.human_input import Form, Inquiry, Person, Response
from tradewind.model.keys import TaskKey
from tradewind.model.states import TaskState
from tradewind.storage import statements
from tradewind.storage.tables import hitl_detail, task_instance

_UPSERT = statements.upsert(hitl_detail)
_KEY = (
    hitl_detail.c.dag_id,
    hitl_detail.c.run_id,
    hitl_detail.c.task_id,
    hitl_detail.c.map_index,
)
_WAITING = (TaskState.DEFERRED, TaskState.AWAITING_INPUT)

OF_LATEST_TRY = sa.and_(
    *(column == task_instance.c[column.name] for column in _KEY),
    hitl_detail.c.try_number == task_instance.c.try_number,
)
"""Joins what is asked to its task instance; what earlier tries asked has none."""


def write(conn: sa.Connection, inquiries: Iterable[Inquiry]) -> None:
    """Write each whole."""
    _UPSERT.run(conn, [_row(inquiry) for inquiry in inquiries])


def open_ones(conn: sa.Connection) -> tuple[Inquiry, ...]:
    """Those of attempts that run, and of task instances that wait."""
    is_asked = task_instance.c.state.in_(_WAITING) | (task_instance.c.token == hitl_detail.c.token)
    query = sa.select(hitl_detail).join(task_instance, OF_LATEST_TRY).where(is_asked)
    return tuple(map(inquiry_of, conn.execute(query)))


def asked_by(conn: sa.Connection, token: str) -> Inquiry | None:
    """What the attempt of this token asked last."""
    row = conn.execute(sa.select(hitl_detail).where(hitl_detail.c.token == token)).first()
    return None if row is None else inquiry_of(row)


def of_latest_try(conn: sa.Connection, key: TaskKey) -> Inquiry | None:
    """What a task instance asks, or asked, in its latest try."""
    query = sa.select(hitl_detail).join(task_instance, OF_LATEST_TRY).where(*_is(key))
    row = conn.execute(query).first()
    return None if row is None else inquiry_of(row)


def of_try(conn: sa.Connection, key: TaskKey, try_number: int) -> Inquiry | None:
    """What one try asked."""
    wanted = (*_is(key), hitl_detail.c.try_number == try_number)
    row = conn.execute(sa.select(hitl_detail).where(*wanted)).first()
    return None if row is None else inquiry_of(row)


def _is(key: TaskKey) -> list[sa.ColumnElement[bool]]:
    return [column == value for column, value in zip(_KEY, key, strict=True)]


def _row(inquiry: Inquiry) -> dict[str, Any]:
    form, response = inquiry.form, inquiry.response
    by = None if response is None else response.responded_by
    return {
        **inquiry.key._asdict(),
        "try_number": inquiry.try_number,
        "token": inquiry.token,
        "subject": form.subject,
        "body": form.body,
        "options": list(form.options),
        "defaults": None if form.defaults is None else list(form.defaults),
        "multiple": form.multiple,
        "params": form.params,
        "assigned_users": to_data(form.assigned_users),
        "created_at": inquiry.created_at,
        "responded_at": None if response is None else response.responded_at,
        "responded_by_id": None if by is None else by.id,
        "responded_by_name": None if by is None else by.name,
        "chosen_options": None if response is None else list(response.chosen_options),
        "params_input": {} if response is None else response.params_input,
    }


def inquiry_of(row: sa.Row[Any]) -> Inquiry:
    """A row of hitl_detail as a value."""
    return Inquiry(
        key=TaskKey(row.dag_id, row.run_id, row.task_id, row.map_index),
        try_number=row.try_number,
        token=row.token,
        form=Form(
            subject=row.subject,
            body=row.body,
            options=tuple(row.options),
            defaults=None if row.defaults is None else tuple(row.defaults),
            multiple=row.multiple,
            params=row.params,
            assigned_users=tuple(from_data(Person, user) for user in row.assigned_users),
        ),
        created_at=row.created_at,
        response=_response(row, row.responded_at),
    )


def _response(row: sa.Row[Any], responded_at: datetime | None) -> Response | None:
    if responded_at is None:
        return None
    by = None
    if row.responded_by_id is not None:
        by = Person(id=row.responded_by_id, name=row.responded_by_name)
    return Response(
        chosen_options=tuple(row.chosen_options),
        params_input=row.params_input,
        responded_at=responded_at,
        responded_by=by,
    )

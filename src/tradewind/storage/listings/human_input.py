"""What task instances ask people in their latest try, as lists and pages show it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from tradewind.model.human_input import Inquiry
from tradewind.storage.human_input import OF_LATEST_TRY, inquiry_of
from tradewind.storage.listings.criteria import Conditions, Search, one_of, ordering
from tradewind.storage.tables import dag_run, hitl_detail, task_instance

_TEXTS: dict[str, sa.ColumnElement[Any]] = {
    "dag_id": hitl_detail.c.dag_id,
    "task_id": hitl_detail.c.task_id,
    "subject": hitl_detail.c.subject,
    "body": hitl_detail.c.body,
    "created_at": hitl_detail.c.created_at,
}
_ORDERS: dict[str, sa.ColumnElement[Any]] = {
    "ti_id": hitl_detail.c.task_id,
    "dag_id": hitl_detail.c.dag_id,
    "run_id": hitl_detail.c.run_id,
    "task_display_name": hitl_detail.c.task_id,
    "rendered_map_index": hitl_detail.c.map_index,
    "subject": hitl_detail.c.subject,
    "created_at": hitl_detail.c.created_at,
    "responded_at": hitl_detail.c.responded_at,
    "responded_by_user_id": hitl_detail.c.responded_by_id,
    "responded_by_user_name": hitl_detail.c.responded_by_name,
    "run_after": dag_run.c.run_after,
    "task_instance_operator": task_instance.c.operator,
    "task_instance_state": task_instance.c.state,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryFilters:
    """Which; what is None or empty does not matter."""

    dag_id: str | None = None
    run_id: str | None = None
    task_id: str | None = None
    map_index: int | None = None
    states: Sequence[str] = ()
    is_answered: bool | None = None
    answered_by_ids: Sequence[str] = ()
    answered_by_names: Sequence[str] = ()
    search: Search = field(default_factory=Search)
    """Range: created_at. Texts: dag_id, task_id, subject, body."""


def list_inquiries(
    conn: sa.Connection,
    filters: InquiryFilters,
    *,
    limit: int | None = None,
    offset: int = 0,
    order_by: Sequence[str] = (),
) -> tuple[list[Inquiry], int]:
    """One page and the number of all. Raises UnknownOrder."""
    of_run = sa.and_(
        dag_run.c.dag_id == hitl_detail.c.dag_id, dag_run.c.run_id == hitl_detail.c.run_id
    )
    joined = hitl_detail.join(task_instance, OF_LATEST_TRY).join(dag_run, of_run)
    query = sa.select(hitl_detail).select_from(joined).where(*_conditions(filters))
    counted = query.with_only_columns(sa.func.count(), maintain_column_froms=True)
    key = [hitl_detail.c[name] for name in ("dag_id", "run_id", "task_id", "map_index")]
    order = ordering(order_by or ("created_at",), _ORDERS, *key)
    page = conn.execute(query.order_by(*order).offset(offset).limit(limit))
    return [inquiry_of(row) for row in page], conn.execute(counted).scalar_one()


def _conditions(filters: InquiryFilters) -> Conditions:
    detail = hitl_detail.c
    named = {
        detail.dag_id: filters.dag_id,
        detail.run_id: filters.run_id,
        detail.task_id: filters.task_id,
        detail.map_index: filters.map_index,
    }
    found = [column == value for column, value in named.items() if value is not None]
    if filters.is_answered is not None:
        answered = detail.responded_at.is_not(None)
        found.append(answered if filters.is_answered else ~answered)
    return [
        *found,
        *one_of(task_instance.c.state, filters.states),
        *one_of(detail.responded_by_id, filters.answered_by_ids),
        *one_of(detail.responded_by_name, filters.answered_by_names),
        *filters.search.conditions(_TEXTS),
    ]

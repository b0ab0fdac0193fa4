"""Rows of the store as the answers show them."""

from collections.abc import Sequence

import sqlalchemy as sa

from tradewind.server.api.schemas.task_instances import TaskInstanceResponse
from tradewind.server.services import Services
from tradewind.server.triggers import waits_of
from tradewind.storage.listings.tasks import TaskRow


def task_instances(
    here: Services, conn: sa.Connection, rows: Sequence[TaskRow]
) -> list[TaskInstanceResponse]:
    """Each with what it waits for, if it is deferred."""
    waits = waits_of(here, conn, rows)
    return [
        TaskInstanceResponse.of(row, here.plan_facts.get(conn, row.dag_id, row.version), waits)
        for row in rows
    ]

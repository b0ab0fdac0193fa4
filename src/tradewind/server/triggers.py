"""What deferred task instances wait for, and which triggerer runs it, for those who show it."""

from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa

from tradewind.model.deferral import TriggerRow
from tradewind.model.keys import TaskKey
from tradewind.model.states import TaskState
from tradewind.server.liveness import TRIGGERER
from tradewind.server.services import Services
from tradewind.storage import components, waiting
from tradewind.storage.components import LivingComponent
from tradewind.storage.listings.tasks import TaskRow
from tradewind.storage.trigger_shares import runner_of

Waits = dict[TaskKey, tuple[TriggerRow, LivingComponent | None]]


def waits_of(here: Services, conn: sa.Connection, rows: Iterable[TaskRow]) -> Waits:
    """By task instance: its trigger and the triggerer, None where there is none to run it."""
    deferred = [row.key for row in rows if row.state == TaskState.DEFERRED]
    if not deferred:
        return {}
    longest = timedelta(seconds=here.settings.triggerer.triggerer_health_check_threshold)
    now = here.clock.now()
    triggerers = {
        one.id: one
        for one in components.living(conn)
        if one.kind == TRIGGERER and now - one.heartbeat_at <= longest
    }

    def runner(row: TriggerRow) -> LivingComponent | None:
        is_run = row.at is None
        name = runner_of(row.trigger, row.queue, triggerers.values()) if is_run else None
        return None if name is None else triggerers[name]

    return {row.key: (row, runner(row)) for row in waiting.of_tasks(conn, deferred)}

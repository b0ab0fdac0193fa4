"""What deferred task instances wait for, and who runs it."""

from datetime import datetime
from hashlib import blake2b
from typing import Self

from tradewind.model.deferral import TriggerRow, number_of
from tradewind.model.states import RunState
from tradewind.server.api.schemas.answer import Answer
from tradewind.storage.components import LivingComponent


class TriggerResponse(Answer):
    id: int
    classpath: str
    kwargs: str = "{}"
    """They may hold secrets."""
    created_date: datetime
    queue: str | None
    triggerer_id: int | None

    @classmethod
    def of(cls, row: TriggerRow, triggerer: LivingComponent | None) -> Self:
        return cls(
            id=number_of(row.trigger),
            classpath=row.classpath,
            created_date=row.created_at,
            queue=row.queue,
            triggerer_id=None if triggerer is None else _number_of(triggerer),
        )


class JobResponse(Answer):
    id: int
    dag_id: str | None = None
    state: str = RunState.RUNNING
    job_type: str = "TriggererJob"
    start_date: datetime
    end_date: datetime | None = None
    latest_heartbeat: datetime
    executor_class: str | None = None
    hostname: str
    unixname: str | None = None
    dag_display_name: str | None = None

    @classmethod
    def of(cls, triggerer: LivingComponent) -> Self:
        return cls(
            id=_number_of(triggerer),
            start_date=triggerer.started_at,
            latest_heartbeat=triggerer.heartbeat_at,
            hostname=triggerer.hostname,
        )


def _number_of(triggerer: LivingComponent) -> int:
    """A number that stays with a process, and that JavaScript can hold."""
    return int.from_bytes(blake2b(triggerer.id.encode(), digest_size=6).digest())

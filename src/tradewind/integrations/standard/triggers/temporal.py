"""Triggers that wait for a moment or for a time to pass."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tradewind.authoring.timezone import is_naive, parse, plain_utc
from tradewind.authoring.triggers import BaseTrigger, TaskSuccessEvent, TriggerEvent

_MODULE = "airflow.providers.standard.triggers.temporal"


class DateTimeTrigger(BaseTrigger):
    """One event at `moment`, which needs a time zone; the task may end with it.

    `target_time` is the same as text, or as what a template gives; without a time zone it is UTC.
    """

    __module__ = _MODULE

    def __init__(
        self,
        moment: datetime | None = None,
        *,
        target_time: datetime | str | None = None,
        end_from_trigger: bool = False,
    ) -> None:
        super().__init__()
        if moment is None:
            moment = parse(target_time) if isinstance(target_time, str) else target_time
            if isinstance(moment, datetime) and is_naive(moment):
                moment = moment.replace(tzinfo=UTC)
        if not isinstance(moment, datetime):
            raise TypeError(f"moment must be a datetime, not {type(moment).__name__} {moment!r}")
        if is_naive(moment):
            raise ValueError(f"moment must have a time zone: {moment!r}")
        self.moment = plain_utc(moment)
        self.end_from_trigger = end_from_trigger

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            f"{_MODULE}.DateTimeTrigger",
            {"moment": self.moment, "end_from_trigger": self.end_from_trigger},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while (left := (self.moment - datetime.now(UTC)).total_seconds()) > 0:
            await asyncio.sleep(min(left, 3600.0))  # a clock that is put may make it shorter
        yield self._event

    @property
    def _event(self) -> TriggerEvent:
        return TaskSuccessEvent() if self.end_from_trigger else TriggerEvent(self.moment)

    def _as_moment(self) -> tuple[datetime, TriggerEvent] | None:
        is_ours = type(self) in (DateTimeTrigger, TimeDeltaTrigger)  # others may do more in `run`
        return (self.moment, self._event) if is_ours else None


class TimeDeltaTrigger(DateTimeTrigger):
    """One event when `delta` has passed from now on."""

    __module__ = _MODULE

    def __init__(self, delta: timedelta, *, end_from_trigger: bool = False) -> None:
        super().__init__(datetime.now(UTC) + delta, end_from_trigger=end_from_trigger)

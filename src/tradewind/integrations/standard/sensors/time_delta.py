"""TimeDeltaSensor and WaitSensor: wait for a duration."""

import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from tradewind.authoring.sensor import BaseSensorOperator, PokeReturnValue
from tradewind.integrations.standard.utils.deferrable import default_deferrable

_MODULE = "airflow.providers.standard.sensors.time_delta"


class TimeDeltaSensor(BaseSensorOperator):
    """Over `delta` after the end of the run's data interval; without one, after its run_after."""

    __module__ = _MODULE

    template_fields: Collection[str] = ("delta",)

    def __init__(
        self,
        *,
        delta: timedelta,
        deferrable: bool | None = None,
        end_from_trigger: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.delta = delta
        self.deferrable = default_deferrable() if deferrable is None else deferrable
        self.end_from_trigger = end_from_trigger

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """Whether the moment is past."""
        start: datetime = context.get("data_interval_end") or context["dag_run"].run_after
        return datetime.now(UTC) > start + self.delta


class TimeDeltaSensorAsync(TimeDeltaSensor):
    """The same, waiting without a process."""

    __module__ = _MODULE

    def __init__(self, *, end_from_trigger: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("deferrable", True)
        super().__init__(end_from_trigger=end_from_trigger, **kwargs)


class WaitSensor(BaseSensorOperator):
    """Over `time_to_wait` after the task began; a number is one of minutes."""

    __module__ = _MODULE

    template_fields: Collection[str] = ("time_to_wait",)

    def __init__(
        self,
        *,
        time_to_wait: timedelta | int,
        deferrable: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.time_to_wait = (
            timedelta(minutes=time_to_wait) if isinstance(time_to_wait, int) else time_to_wait
        )
        self.deferrable = default_deferrable() if deferrable is None else deferrable

    def execute(self, context: Any) -> None:
        """Sleep to the very end, or be called again about then."""
        if self.reschedule:
            super().execute(context)
        else:
            over = self.first_look(context) + self.time_to_wait
            time.sleep(max(0.0, (over - datetime.now(UTC)).total_seconds()))

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """Whether the time is over."""
        return datetime.now(UTC) > self.first_look(context) + self.time_to_wait

"""TimeDeltaSensor and WaitSensor: wait for a duration."""

import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from tradewind.authoring.sensor import BaseSensorOperator, PokeReturnValue
from tradewind.integrations.standard.triggers.temporal import DateTimeTrigger, TimeDeltaTrigger
from tradewind.integrations.standard.utils.deferrable import default_deferrable

_MODULE = "airflow.providers.standard.sensors.time_delta"


class TimeDeltaSensor(BaseSensorOperator):
    """Over `delta` after the end of the run's data interval; without one, after its run_after.

    `delta` may be a template that renders to a number of minutes.
    """

    __module__ = _MODULE

    template_fields: Collection[str] = ("delta",)

    def __init__(
        self,
        *,
        delta: timedelta | int | str,
        deferrable: bool | None = None,
        end_from_trigger: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.delta = delta
        self.deferrable = default_deferrable() if deferrable is None else deferrable
        self.end_from_trigger = end_from_trigger

    def execute(self, context: Any) -> Any:
        """Wait, in a trigger if it is deferrable."""
        if not self.deferrable:
            return super().execute(context)
        if self.poke(context):
            return True
        trigger = DateTimeTrigger(self._moment(context), end_from_trigger=self.end_from_trigger)
        limit = timedelta(seconds=self.timeout)
        self.defer(trigger=trigger, method_name="execute_complete", timeout=limit)

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """The moment has come."""

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """Whether the moment is past."""
        return datetime.now(UTC) > self._moment(context)

    def _moment(self, context: Any) -> datetime:
        start: datetime = context.get("data_interval_end") or context["dag_run"].run_after
        return start + _duration(self.delta)


class TimeDeltaSensorAsync(TimeDeltaSensor):
    """The same, waiting without a process."""

    __module__ = _MODULE

    def __init__(self, *, end_from_trigger: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("deferrable", True)
        super().__init__(end_from_trigger=end_from_trigger, **kwargs)


class WaitSensor(BaseSensorOperator):
    """Over `time_to_wait` after the task began; a number, or a template that renders to one, is one
    of minutes."""

    __module__ = _MODULE

    template_fields: Collection[str] = ("time_to_wait",)

    def __init__(
        self,
        *,
        time_to_wait: timedelta | int | str,
        deferrable: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.time_to_wait = time_to_wait
        self.deferrable = default_deferrable() if deferrable is None else deferrable

    def execute(self, context: Any) -> None:
        """Sleep to the very end, or be called again about then; or end in a trigger."""
        wait = _duration(self.time_to_wait)
        if self.deferrable:
            trigger = TimeDeltaTrigger(wait, end_from_trigger=True)
            self.defer(trigger=trigger, method_name="execute_complete")
        if self.reschedule:
            super().execute(context)
        else:
            over = self.first_look(context) + wait
            time.sleep(max(0.0, (over - datetime.now(UTC)).total_seconds()))

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """The time is over."""

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """Whether the time is over."""
        return datetime.now(UTC) > self.first_look(context) + _duration(self.time_to_wait)


def _duration(given: timedelta | int | str) -> timedelta:
    """A duration as it is, or so many minutes. Raises ValueError."""
    return given if isinstance(given, timedelta) else timedelta(minutes=int(given))

"""TimeSensor: waits for a time of today's."""

from datetime import UTC, datetime, time
from typing import Any

from tradewind.authoring.sensor import BaseSensorOperator, PokeReturnValue
from tradewind.integrations.standard.triggers.temporal import DateTimeTrigger
from tradewind.integrations.standard.utils.deferrable import default_deferrable


class TimeSensor(BaseSensorOperator):
    """Over at `target_time` today, in the time's own zone, else in the DAG's.

    Which day that is, it sees when it begins: so it begins in its process, though it defers and
    `start_from_trigger` is set. With `end_from_trigger` it needs none when the time has come.
    """

    __module__ = "airflow.providers.standard.sensors.time"

    def __init__(
        self,
        *,
        target_time: time,
        deferrable: bool | None = None,
        start_from_trigger: bool = False,
        end_from_trigger: bool = False,
        trigger_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.target_time = target_time
        self.deferrable = default_deferrable() if deferrable is None else deferrable
        self.end_from_trigger = end_from_trigger
        self.trigger_kwargs = trigger_kwargs

    def execute(self, context: Any) -> Any:
        """Wait, in a trigger if it is deferrable."""
        if not self.deferrable:
            return super().execute(context)
        moment = self._on_the_day_of(self.first_look(context))
        trigger = DateTimeTrigger(moment, end_from_trigger=self.end_from_trigger)
        self.defer(trigger=trigger, method_name="execute_complete")

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """The time has come."""

    @property
    def target_datetime(self) -> datetime:
        """The moment it waits for if it begins to wait now, in UTC."""
        return self._on_the_day_of(datetime.now(UTC))

    def _on_the_day_of(self, moment: datetime) -> datetime:
        zone = self.target_time.tzinfo or (self.dag.timezone if self.dag is not None else UTC)
        today = moment.astimezone(zone).date()
        return datetime.combine(today, self.target_time.replace(tzinfo=zone)).astimezone(UTC)

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """Whether the moment is past; a wait over midnight is for the day on which it began."""
        return datetime.now(UTC) > self._on_the_day_of(self.first_look(context))


class TimeSensorAsync(TimeSensor):
    """The same, waiting without a process."""

    __module__ = "airflow.providers.standard.sensors.time"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("deferrable", True)
        super().__init__(**kwargs)

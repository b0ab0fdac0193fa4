"""DateTimeSensor: waits for a moment."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, NoReturn

from tradewind.authoring import timezone
from tradewind.authoring.sensor import BaseSensorOperator, PokeReturnValue
from tradewind.authoring.template_fields import is_rendered_later
from tradewind.authoring.triggers import StartTriggerArgs
from tradewind.integrations.standard.triggers.temporal import DateTimeTrigger


class DateTimeSensor(BaseSensorOperator):
    """Over at `target_time`: a datetime, or a template that renders to one in ISO 8601."""

    __module__ = "airflow.providers.standard.sensors.date_time"

    template_fields: Collection[str] = ("target_time",)

    def __init__(self, *, target_time: str | datetime, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(target_time, str | datetime) and not is_rendered_later(target_time):
            raise TypeError(
                f"{type(self).__name__} {self.task_id!r}: target_time must be a datetime or text, "
                f"not {type(target_time).__name__} {target_time!r}"
            )
        self.target_time = (
            target_time.isoformat() if isinstance(target_time, datetime) else target_time
        )

    @property
    def moment(self) -> datetime:
        """`target_time` once it is rendered."""
        moment: str | datetime = self.target_time
        return timezone.parse(moment) if isinstance(moment, str) else moment

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """Whether the moment is past."""
        return datetime.now(UTC) > self.moment


class DateTimeSensorAsync(DateTimeSensor):
    """The same, waiting without a process.

    With `start_from_trigger` it has none to begin with either, unless `target_time` is a template;
    with `end_from_trigger` none when the moment has come. `trigger_kwargs` counts in no case.
    """

    __module__ = "airflow.providers.standard.sensors.date_time"

    def __init__(
        self,
        *,
        start_from_trigger: bool = False,
        end_from_trigger: bool = False,
        trigger_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.start_from_trigger = start_from_trigger and not is_rendered_later(self.target_time)
        self.end_from_trigger = end_from_trigger
        self.trigger_kwargs = trigger_kwargs
        if self.start_from_trigger:
            path, kwargs = self._trigger().serialize()
            self.start_trigger_args = StartTriggerArgs(path, "execute_complete", kwargs)

    def execute(self, context: Any) -> NoReturn:
        """Wait for the moment in a trigger."""
        self.defer(trigger=self._trigger(), method_name="execute_complete")

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """The moment has come."""

    def _trigger(self) -> DateTimeTrigger:
        return DateTimeTrigger(self.moment, end_from_trigger=self.end_from_trigger)

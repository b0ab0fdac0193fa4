"""DateTimeSensor: waits for a moment."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from tradewind.authoring import timezone
from tradewind.authoring.sensor import BaseSensorOperator, PokeReturnValue


class DateTimeSensor(BaseSensorOperator):
    """Over at `target_time`: a datetime, or a template that renders to one in ISO 8601."""

    __module__ = "airflow.providers.standard.sensors.date_time"

    template_fields: Collection[str] = ("target_time",)

    def __init__(self, *, target_time: str | datetime, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(target_time, str | datetime):
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
        return timezone.parse(self.target_time)

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """Whether the moment is past."""
        return datetime.now(UTC) > self.moment


class DateTimeSensorAsync(DateTimeSensor):
    """The same, waiting without a process."""

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
        self.start_from_trigger = start_from_trigger
        self.end_from_trigger = end_from_trigger
        self.trigger_kwargs = trigger_kwargs

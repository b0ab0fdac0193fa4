"""DeadlineAlert: by when a run must have ended, and what is called when it has not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from tradewind.authoring.deferred_callbacks import Callback
from tradewind.authoring.sites import Site, call_site
from tradewind.authoring.timezone import plain_utc
from tradewind.authoring.variables import Variable

_HOME = "airflow.sdk.definitions.deadline"


class BaseDeadlineReference:
    """The moment that a deadline counts from; subclasses of one's own go through
    `@deadline_reference`."""

    __module__ = _HOME

    @property
    def reference_name(self) -> str:
        """Its name in a Plan."""
        return type(self).__name__

    def serialize_reference(self) -> dict[str, Any]:
        """The reference as data."""
        return {"reference_type": self.reference_name}

    @classmethod
    def deserialize_reference(cls, reference_data: dict[str, Any]) -> Self:
        """The reference that `serialize_reference` made data of."""
        return cls()

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, BaseDeadlineReference)
            and self.serialize_reference() == other.serialize_reference()
        )

    def __hash__(self) -> int:
        return hash(repr(self.serialize_reference()))


class DagRunLogicalDateDeadline(BaseDeadlineReference):
    """The run's logical date."""

    __module__ = _HOME


class DagRunQueuedAtDeadline(BaseDeadlineReference):
    """When the run was queued."""

    __module__ = _HOME


class FixedDatetimeDeadline(BaseDeadlineReference):
    """One moment."""

    __module__ = _HOME

    def __init__(self, moment: datetime) -> None:
        if not isinstance(moment, datetime):
            raise TypeError(
                f"DeadlineReference.FIXED_DATETIME takes a datetime, not {moment!r}; "
                "write datetime(2024, 1, 1)"
            )
        self.datetime = plain_utc(moment)

    def serialize_reference(self) -> dict[str, Any]:
        return {"reference_type": self.reference_name, "datetime": self.datetime.isoformat()}

    @classmethod
    def deserialize_reference(cls, reference_data: dict[str, Any]) -> Self:
        return cls(datetime.fromisoformat(reference_data["datetime"]))


class AverageRuntimeDeadline(BaseDeadlineReference):
    """The run's start and the average length of the `max_runs` runs before it, once there are
    `min_runs`."""

    __module__ = _HOME

    def __init__(self, max_runs: int = 10, min_runs: int | None = None) -> None:
        max_runs = max_runs or 10
        self.max_runs = max_runs
        self.min_runs = max_runs if min_runs is None else min_runs
        for name in ("max_runs", "min_runs"):
            count = getattr(self, name)
            if not isinstance(count, int) or count < 1:
                raise ValueError(
                    f"DeadlineReference.AVERAGE_RUNTIME: {name} must be at least 1, not {count!r}"
                )

    def serialize_reference(self) -> dict[str, Any]:
        return {
            "reference_type": self.reference_name,
            "max_runs": self.max_runs,
            "min_runs": self.min_runs,
        }

    @classmethod
    def deserialize_reference(cls, reference_data: dict[str, Any]) -> Self:
        return cls(reference_data["max_runs"], reference_data.get("min_runs"))


class DeadlineReference:
    """The moments that a deadline may count from."""

    __module__ = _HOME

    DAGRUN_LOGICAL_DATE: ClassVar[BaseDeadlineReference] = DagRunLogicalDateDeadline()
    DAGRUN_QUEUED_AT: ClassVar[BaseDeadlineReference] = DagRunQueuedAtDeadline()

    class TYPES:
        """The references by when their moment is known."""

        DAGRUN_CREATED: ClassVar[tuple[type[BaseDeadlineReference], ...]] = (
            DagRunLogicalDateDeadline,
            FixedDatetimeDeadline,
            AverageRuntimeDeadline,
        )
        DAGRUN_QUEUED: ClassVar[tuple[type[BaseDeadlineReference], ...]] = (DagRunQueuedAtDeadline,)
        DAGRUN = DAGRUN_CREATED + DAGRUN_QUEUED

    @classmethod
    def FIXED_DATETIME(cls, moment: datetime) -> FixedDatetimeDeadline:  # noqa: N802  the name users write
        """One moment."""
        return FixedDatetimeDeadline(moment)

    @classmethod
    def AVERAGE_RUNTIME(  # noqa: N802  the name users write
        cls, max_runs: int = 10, min_runs: int | None = None
    ) -> AverageRuntimeDeadline:
        """How long runs usually take."""
        return AverageRuntimeDeadline(max_runs, min_runs)

    @classmethod
    def register_custom_reference(
        cls,
        reference_class: type[BaseDeadlineReference],
        deadline_reference_type: tuple[type[BaseDeadlineReference], ...] | None = None,
    ) -> type[BaseDeadlineReference]:
        """Make a class of one's own an attribute here, known when the run is made (by default) or
        queued."""
        if not isinstance(reference_class, type) or not issubclass(
            reference_class, BaseDeadlineReference
        ):
            raise ValueError(
                f"a deadline reference must be a subclass of BaseDeadlineReference, "
                f"not {reference_class!r}"
            )
        kinds = deadline_reference_type or cls.TYPES.DAGRUN_CREATED
        if kinds == cls.TYPES.DAGRUN_QUEUED:
            cls.TYPES.DAGRUN_QUEUED = (*cls.TYPES.DAGRUN_QUEUED, reference_class)
        elif kinds == cls.TYPES.DAGRUN_CREATED:
            cls.TYPES.DAGRUN_CREATED = (*cls.TYPES.DAGRUN_CREATED, reference_class)
        else:
            raise ValueError(
                "a deadline reference counts from DeadlineReference.TYPES.DAGRUN_CREATED or "
                f".DAGRUN_QUEUED, not {kinds!r}"
            )
        cls.TYPES.DAGRUN = cls.TYPES.DAGRUN_CREATED + cls.TYPES.DAGRUN_QUEUED
        setattr(cls, reference_class.__name__, reference_class())
        return reference_class


def deadline_reference(
    deadline_reference_type: Any = None,
) -> Callable[[type[BaseDeadlineReference]], type[BaseDeadlineReference]]:
    """`@deadline_reference()` or `@deadline_reference(DeadlineReference.TYPES.DAGRUN_QUEUED)`."""

    def register(reference_class: type[BaseDeadlineReference]) -> type[BaseDeadlineReference]:
        return DeadlineReference.register_custom_reference(reference_class, deadline_reference_type)

    return register


@dataclass(frozen=True)
class VariableInterval:
    """A length of time in minutes that a Variable holds."""

    key: str

    def resolve(self) -> timedelta:
        """The length of time. Raises ValueError for a Variable that holds none."""
        value = Variable.get(self.key)
        try:
            minutes = int(value)
        except (TypeError, ValueError):
            raise ValueError(
                f"Variable {self.key!r} must hold a whole number of minutes, not {value!r}"
            ) from None
        if minutes <= 0:
            raise ValueError(f"Variable {self.key!r} must hold minutes above 0, not {minutes}")
        return timedelta(minutes=minutes)


VariableInterval.__module__ = _HOME


class DeadlineAlert:
    """`callback` is called when a run has not ended `interval` after `reference`."""

    __module__ = _HOME

    def __init__(
        self,
        reference: BaseDeadlineReference,
        interval: timedelta | VariableInterval,
        callback: Callback,
        name: str | None = None,
    ) -> None:
        self.site: Site = call_site()
        if not isinstance(reference, BaseDeadlineReference):
            raise TypeError(
                f"DeadlineAlert: reference must be a DeadlineReference, such as "
                f"DeadlineReference.DAGRUN_QUEUED_AT, not {reference!r}"
            )
        if not isinstance(interval, timedelta | VariableInterval):
            raise TypeError(
                f"DeadlineAlert: interval must be a timedelta, not {interval!r}; "
                "write timedelta(hours=1)"
            )
        if not isinstance(callback, Callback):
            raise ValueError(
                f"DeadlineAlert: callback must be an AsyncCallback or a SyncCallback, "
                f"not {callback!r}"
            )
        self.reference = reference
        self.interval = interval
        self.callback = callback
        self.name = name

    def _facts(self) -> tuple[Any, ...]:
        return self.reference, self.interval, self.callback, self.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeadlineAlert) and self._facts() == other._facts()

    def __hash__(self) -> int:
        return hash((self.reference, self.interval, self.callback, self.name))

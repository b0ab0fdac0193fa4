"""Sensors: tasks that wait until something is there. They load, and cannot be run yet."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar, NamedTuple

from tradewind.authoring import configuration
from tradewind.authoring.later import later_feature
from tradewind.authoring.names import did_you_mean
from tradewind.authoring.operator import BaseOperator

_WEEK_S = 7 * 24 * 3600


class PokeReturnValue(NamedTuple):
    """What `poke` may return: whether the wait is over, and the sensor's XCom."""

    is_done: bool
    xcom_value: Any = None

    def __bool__(self) -> bool:
        return self.is_done


PokeReturnValue.__module__ = "airflow.sdk.bases.sensor"


class BaseSensorOperator(BaseOperator):
    """Subclasses say in `poke` whether the wait is over.

    Durations are seconds. mode `poke` keeps its process between two looks, `reschedule` does not.
    """

    __module__ = "airflow.sdk.bases.sensor"

    ui_color = "#e6f1f2"
    valid_modes: ClassVar[Sequence[str]] = ("poke", "reschedule")
    unsupported = ("sensors",)

    def __init__(
        self,
        *,
        poke_interval: timedelta | float = 60,
        timeout: timedelta | float | None = None,
        soft_fail: bool = False,
        mode: str = "poke",
        exponential_backoff: bool = False,
        max_wait: timedelta | float | None = None,
        silent_fail: bool = False,
        never_fail: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if timeout is None:
            timeout = configuration.conf.getfloat("sensors", "default_timeout", fallback=_WEEK_S)
        self.poke_interval = self._seconds("poke_interval", poke_interval)
        self.timeout = self._seconds("timeout", timeout)
        self.max_wait = None if max_wait is None else self._seconds("max_wait", max_wait)
        self.soft_fail = soft_fail
        self.mode = mode
        self.exponential_backoff = exponential_backoff
        self.silent_fail = silent_fail
        self.never_fail = never_fail
        if soft_fail and never_fail:
            raise ValueError(f"{self._named()}: soft_fail and never_fail exclude each other")
        if mode not in self.valid_modes:
            modes = ", ".join(self.valid_modes)
            hint = did_you_mean(str(mode), self.valid_modes)
            raise ValueError(f"{self._named()}: mode must be one of {modes}, not {mode!r}{hint}")

    def _seconds(self, name: str, value: Any) -> float:
        if isinstance(value, timedelta):
            value = value.total_seconds()
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise TypeError(
                f"{self._named()}: {name} must be a timedelta or a number of seconds, not {value!r}"
            )
        if value < 0:
            raise ValueError(f"{self._named()}: {name} must not be below 0: {value!r}")
        return value

    def _named(self) -> str:
        return f"{type(self).__name__} {self.task_id!r}"

    @property
    def reschedule(self) -> bool:
        """Whether it gives its process back between two looks."""
        return self.mode == "reschedule"

    def poke(self, context: Any) -> "bool | PokeReturnValue":
        """Whether the wait is over."""
        raise NotImplementedError(f"{type(self).__name__} has no poke method")

    def execute(self, context: Any) -> Any:
        """It never comes so far: core refuses the run."""
        raise NotImplementedError(later_feature("sensors"))


def poke_mode_only(cls: type[BaseSensorOperator]) -> type[BaseSensorOperator]:
    """Class decorator: `mode` can be nothing but poke."""
    if not isinstance(cls, type) or not issubclass(cls, BaseSensorOperator):
        raise ValueError(f"poke_mode_only is for sensors only, not for {cls!r}")
    cls.valid_modes = ("poke",)
    return cls

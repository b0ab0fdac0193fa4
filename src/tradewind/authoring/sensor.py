"""BaseSensorOperator: asks again and again until something is so."""

import hashlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple

from tradewind.authoring import configuration
from tradewind.authoring.errors import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTimeout,
    TaskDeferralError,
    TaskDeferralTimeout,
)
from tradewind.authoring.names import did_you_mean
from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.timezone import utcnow

POKE = "poke"
RESCHEDULE = "reschedule"
_LONGEST_INTERVAL = timedelta(days=200 * 365)  # as far as a stored date may reach


class PokeReturnValue(NamedTuple):
    """What `poke` may return: whether the wait is over, and the sensor's XCom."""

    is_done: bool
    xcom_value: Any = None

    def __bool__(self) -> bool:
        return self.is_done


PokeReturnValue.__module__ = "airflow.sdk.bases.sensor"


class BaseSensorOperator(BaseOperator):
    """Calls `poke` every `poke_interval` until it is done or `timeout` has passed.

    mode `poke` waits in its process, `reschedule` gives the process up in between.
    """

    __module__ = "airflow.sdk.bases.sensor"

    ui_color = "#e6f1f2"
    valid_modes: ClassVar[tuple[str, ...]] = (POKE, RESCHEDULE)

    def __init__(
        self,
        *,
        poke_interval: timedelta | float = 60,
        timeout: timedelta | float | None = None,
        soft_fail: bool = False,
        mode: str = POKE,
        exponential_backoff: bool = False,
        max_wait: timedelta | float | None = None,
        silent_fail: bool = False,
        never_fail: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        what = f"{type(self).__name__} {self.task_id!r}"
        if timeout is None:
            timeout = configuration.conf.getfloat("sensors", "default_timeout", fallback=604800)
        self.poke_interval: float = _seconds(what, "poke_interval", poke_interval)
        self.timeout: float = _seconds(what, "timeout", timeout)
        self.max_wait: timedelta | None = (
            None if max_wait is None else timedelta(seconds=_seconds(what, "max_wait", max_wait))
        )
        self.soft_fail = soft_fail
        self.mode = mode
        self.exponential_backoff = exponential_backoff
        self.silent_fail = silent_fail
        self.never_fail = never_fail
        if mode not in self.valid_modes:
            raise ValueError(
                f"{what}: mode must be one of {', '.join(self.valid_modes)}, not {mode!r}"
                f"{did_you_mean(str(mode), self.valid_modes)}"
            )
        if soft_fail and never_fail:
            raise ValueError(f"{what}: soft_fail and never_fail exclude each other; keep one")

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """Whether it is so."""
        raise AirflowException(f"{type(self).__name__} has no poke method")

    @property
    def reschedule(self) -> bool:
        """Whether the process is given up between two pokes."""
        return self.mode == RESCHEDULE

    def execute(self, context: Any) -> Any:
        """Poke until it is done. Raises AirflowSensorTimeout, or AirflowSkipException."""
        started_at, passed = self._clock(context)
        count = 1
        while True:
            answer = self._poked(context)
            if answer:
                self.log.info("Success criteria met. Exiting.")
                return answer.xcom_value if isinstance(answer, PokeReturnValue) else None
            if passed() > self.timeout:
                message = (
                    f"the sensor has waited {passed():.0f} s, longer than its timeout of "
                    f"{self.timeout:.0f} s"
                )
                raise (
                    AirflowSkipException(message)
                    if self.soft_fail
                    else AirflowSensorTimeout(message)
                )
            wait = self._next_wait(started_at, passed, count)
            if self.reschedule:
                raise AirflowRescheduleException(utcnow() + timedelta(seconds=wait))
            time.sleep(wait)
            count += 1

    def resume_execution(
        self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any
    ) -> Any:
        """Go on after a deferral; a failed wait skips where soft_fail or never_fail says so."""
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except (AirflowException, TaskDeferralError) as error:
            if self.soft_fail or self.never_fail:
                raise AirflowSkipException(str(error)) from error
            if isinstance(error, TaskDeferralTimeout):
                raise AirflowSensorTimeout(str(error)) from error
            raise

    def _poked(self, context: Any) -> bool | PokeReturnValue:
        """One poke, with what soft_fail, silent_fail and never_fail make of its exceptions."""
        try:
            return self.poke(context)
        except (AirflowSensorTimeout, AirflowTaskTimeout, AirflowFailException) as error:
            if self.soft_fail:
                raise AirflowSkipException("skipped, as soft_fail is set") from error
            if self.never_fail:
                raise AirflowSkipException("skipped, as never_fail is set") from error
            raise
        except AirflowSkipException:
            raise
        except Exception as error:
            if self.silent_fail:
                self.log.error("Sensor poke failed: %s", error, exc_info=error)
                return False
            if self.never_fail:
                raise AirflowSkipException("skipped, as never_fail is set") from error
            raise

    def _clock(self, context: Any) -> tuple[datetime | float, Callable[[], float]]:
        """When it began, and how many seconds ago that is."""
        if self.reschedule:
            first = self.first_look(context)
            return first, lambda: float((utcnow() - first).total_seconds())
        start = time.monotonic()
        return start, lambda: time.monotonic() - start

    @staticmethod
    def first_look(context: Any) -> datetime:
        """When this try began to wait, however often it has been called since."""
        ti = context.get("ti") if context else None  # a context that a test has made
        if ti is None:
            return utcnow()
        first: datetime = ti.get_first_reschedule_date(context) or ti.start_date or utcnow()
        return first

    def _next_wait(self, started_at: Any, passed: Callable[[], float], count: int) -> float:
        """Seconds until the next poke."""
        if not self.exponential_backoff:
            return self.poke_interval
        if self.reschedule:  # the count is not kept: it follows from the time that has passed
            count, total = 1, 0.0
            elapsed = passed()
            while (total := total + self._backoff(started_at, count)) <= elapsed:
                count += 1
        wait = self._backoff(started_at, count)
        wait = min(wait, max(self.timeout - int(passed()), 0))
        return min(wait, self.max_wait.total_seconds()) if self.max_wait is not None else wait

    def _backoff(self, started_at: Any, count: int) -> float:
        longest = _LONGEST_INTERVAL.total_seconds()
        base = max(1, int(min(self.poke_interval * 2.0 ** min(count - 2, 64), longest)))
        told = f"{self.dag_id}#{self.task_id}#{started_at}#{count}"
        spread = int(hashlib.sha1(told.encode(), usedforsecurity=False).hexdigest(), 16) % base
        return float(min(base + spread, longest))


def _seconds(what: str, name: str, value: Any) -> float:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{what}: {name} must be a timedelta or a number of seconds, not {value!r}")
    if value < 0:
        raise ValueError(f"{what}: {name} must not be below 0: {value}")
    return float(value) if isinstance(value, float) else value


def poke_mode_only(cls: type[BaseSensorOperator]) -> type[BaseSensorOperator]:
    """Class decorator: `mode` can be nothing but poke, also when it is set later."""
    if not isinstance(cls, type) or not issubclass(cls, BaseSensorOperator):
        raise ValueError(f"poke_mode_only is for sensors only, not for {cls!r}")

    def only_poke(task: BaseSensorOperator, value: str) -> None:
        if value != POKE:
            raise ValueError(
                f"{cls.__name__} {task.__dict__.get('task_id')!r}: mode must be poke, not {value!r}"
            )

    cls.valid_modes = (POKE,)
    cls.mode = property(lambda _: POKE, only_poke)  # type: ignore[assignment]
    return cls

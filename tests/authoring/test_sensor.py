"""How a sensor waits: its modes, its timeout, what its failures become."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tradewind import DAG, BaseSensorOperator
from tradewind.authoring import sensor as sensors
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
from tradewind.authoring.sensor import PokeReturnValue

NOW = datetime(2024, 1, 2, tzinfo=UTC)


class Clock:
    """Time as the sensor sees it: it passes only in `sleep` and by `pass_`."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.seconds

    def utcnow(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds + 0.001


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(sensors, "time", clock)
    monkeypatch.setattr(sensors, "utcnow", clock.utcnow)
    return clock


class Sensor(BaseSensorOperator):
    """Answers what it is told to, call by call; raises what is an exception."""

    def __init__(self, *, answers: Callable[[int], Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.answers = answers
        self.calls = 0

    def poke(self, context: Any) -> Any:
        self.calls += 1
        answer = self.answers(self.calls)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def make(answers: Callable[[int], Any] = lambda call: False, **arguments: Any) -> Sensor:
    with DAG("d"):
        return Sensor(task_id="s", answers=answers, **arguments)


def look(sensor: Sensor, clock: Clock, began_at: datetime | None = None) -> Any:
    """Execute it, as a try that first began at `began_at`."""
    ti = SimpleNamespace(
        start_date=clock.utcnow(), get_first_reschedule_date=lambda context: began_at
    )
    return sensor.execute({"ti": ti})


def test_it_pokes_until_it_is_done(clock: Clock) -> None:
    sensor = make(lambda call: call == 3, poke_interval=7)
    assert look(sensor, clock) is None
    assert clock.slept == [7, 7]


def test_its_value_is_that_of_the_last_poke(clock: Clock) -> None:
    sensor = make(lambda call: PokeReturnValue(call == 2, {"call": call}))
    assert look(sensor, clock) == {"call": 2}


def test_the_last_poke_comes_after_the_timeout(clock: Clock) -> None:
    sensor = make(poke_interval=10, timeout=25)
    with pytest.raises(AirflowSensorTimeout, match="longer than its timeout of 25 s"):
        look(sensor, clock)
    assert (sensor.calls, round(clock.seconds)) == (4, 30)


def test_a_poke_that_succeeds_late_succeeds(clock: Clock) -> None:
    look(make(lambda call: call == 4, poke_interval=10, timeout=25), clock)


def test_a_timeout_skips_with_soft_fail_only(clock: Clock) -> None:
    with pytest.raises(AirflowSkipException):
        look(make(timeout=0.5, poke_interval=1, soft_fail=True), clock)
    with pytest.raises(AirflowSensorTimeout):
        look(make(timeout=0.5, poke_interval=1, never_fail=True), clock)


FAILURES = (AirflowSensorTimeout("t"), AirflowTaskTimeout("t"), AirflowFailException("f"))


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
def test_what_ends_a_sensor_can_skip_it(error: BaseException, clock: Clock) -> None:
    for flag in ("soft_fail", "never_fail"):
        with pytest.raises(AirflowSkipException):
            look(make(lambda call: error, **{flag: True}), clock)
    with pytest.raises(type(error)):
        look(make(lambda call: error, silent_fail=True), clock)


def test_other_failures_are_those_of_any_task(clock: Clock) -> None:
    broken = ValueError("broken")
    for arguments in ({}, {"soft_fail": True}):
        with pytest.raises(ValueError, match="broken"):
            look(make(lambda call: broken, **arguments), clock)
    with pytest.raises(AirflowSkipException):
        look(make(lambda call: broken, never_fail=True), clock)

    silent = make(lambda call: broken if call < 3 else True, silent_fail=True)
    look(silent, clock)
    assert silent.calls == 3


def test_a_skip_is_a_skip(clock: Clock) -> None:
    with pytest.raises(AirflowSkipException, match="mine"):
        look(make(lambda call: AirflowSkipException("mine"), silent_fail=True), clock)


def test_a_rescheduled_sensor_says_when(clock: Clock) -> None:
    sensor = make(mode="reschedule", poke_interval=90)
    with pytest.raises(AirflowRescheduleException) as raised:
        look(sensor, clock)
    assert raised.value.reschedule_date == NOW + timedelta(seconds=90)
    assert clock.slept == []


def test_its_timeout_counts_from_the_first_look(clock: Clock) -> None:
    sensor = make(mode="reschedule", poke_interval=60, timeout=300)
    began = NOW - timedelta(seconds=300)
    with pytest.raises(AirflowRescheduleException):
        look(sensor, clock, began)
    clock.seconds = 1
    with pytest.raises(AirflowSensorTimeout):
        look(sensor, clock, began)
    with pytest.raises(AirflowSkipException):
        look(make(mode="reschedule", timeout=300, soft_fail=True), clock, began)


def test_backoff_doubles_and_spreads(clock: Clock) -> None:
    sensor = make(lambda call: call == 7, poke_interval=8, exponential_backoff=True)
    look(sensor, clock)
    bases = [4, 8, 16, 32, 64, 128]
    for waited, base in zip(clock.slept, bases, strict=True):
        assert base <= waited < 2 * base


def test_backoff_ends_at_max_wait_and_at_the_timeout(clock: Clock) -> None:
    sensor = make(poke_interval=8, exponential_backoff=True, max_wait=20, timeout=60)
    with pytest.raises(AirflowSensorTimeout):
        look(sensor, clock)
    assert max(clock.slept) == 20
    assert clock.seconds <= 62


def test_backoff_of_a_rescheduled_sensor_follows_from_the_time_that_passed(clock: Clock) -> None:
    sensor = make(mode="reschedule", poke_interval=8, exponential_backoff=True, timeout=10_000)
    waits = []
    for _ in range(6):
        with pytest.raises(AirflowRescheduleException) as raised:
            look(sensor, clock, NOW if waits else None)
        waits.append((raised.value.reschedule_date - clock.utcnow()).total_seconds())
        clock.seconds += waits[-1] + 0.01
    for waited, base in zip(waits, [4, 8, 16, 32, 64, 128], strict=True):
        assert base <= waited < 2 * base


@pytest.mark.parametrize(
    ("error", "plain"),
    [
        (TaskDeferralTimeout("late"), AirflowSensorTimeout),
        (TaskDeferralError("broken"), TaskDeferralError),
        (AirflowException("no"), AirflowException),
    ],
)
def test_what_a_failed_wait_in_a_trigger_becomes(
    error: BaseException, plain: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(sensors.BaseOperator, "resume_execution", fail)
    with pytest.raises(plain):
        make().resume_execution("done", None, {})
    for flag in ("soft_fail", "never_fail"):
        with pytest.raises(AirflowSkipException):
            make(**{flag: True}).resume_execution("done", None, {})

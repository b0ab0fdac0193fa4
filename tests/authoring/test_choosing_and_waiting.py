"""Sensors and branching operators load with all their arguments."""

from datetime import timedelta
from typing import Any

import pytest

from tradewind import DAG, BaseBranchOperator, BaseOperator, BaseSensorOperator, SkipMixin
from tradewind.authoring.compile import compile_dag
from tradewind.authoring.sensor import PokeReturnValue, poke_mode_only
from tradewind.config.settings import Core
from tradewind.core.abilities import not_yet
from tradewind.model.constructs import SensorSpec


class Sensor(BaseSensorOperator):
    def poke(self, context: Any) -> bool:
        return True


class Choice(BaseBranchOperator):
    def choose_branch(self, context: Any) -> str:
        return "left"


class Skipping(BaseOperator, SkipMixin):
    def execute(self, context: Any) -> None:
        self.skip(context["ti"], [])


def test_durations_are_seconds() -> None:
    sensor = Sensor(
        task_id="s", poke_interval=timedelta(minutes=2), timeout=5.5, max_wait=timedelta(hours=1)
    )
    assert (sensor.poke_interval, sensor.timeout, sensor.max_wait) == (
        120.0,
        5.5,
        timedelta(hours=1),
    )
    assert (sensor.mode, sensor.reschedule, sensor.soft_fail) == ("poke", False, False)
    assert Sensor(task_id="s").timeout == 7 * 24 * 3600


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mode": "rescheduled"}, "did you mean 'reschedule'"),
        ({"poke_interval": "60"}, "poke_interval must be a timedelta or a number"),
        ({"timeout": -1}, "timeout must not be below 0"),
        ({"soft_fail": True, "never_fail": True}, "exclude each other"),
    ],
)
def test_impossible_sensors_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        Sensor(task_id="s", **arguments)


def test_a_sensor_can_be_limited_to_one_mode() -> None:
    @poke_mode_only
    class Quick(Sensor):
        pass

    with pytest.raises(ValueError, match="mode must be poke"):
        Quick(task_id="s", mode="reschedule")
    with pytest.raises(ValueError, match="for sensors only"):
        poke_mode_only(BaseOperator)  # type: ignore[arg-type]


def test_a_poke_can_carry_a_value() -> None:
    assert PokeReturnValue(is_done=True, xcom_value=3)
    assert not PokeReturnValue(False)


def test_they_compile_and_can_be_run() -> None:
    with DAG("d") as dag:
        Sensor(task_id="wait") >> Choice(task_id="choose") >> Skipping(task_id="skip")
        BaseOperator(task_id="plain")
        Sensor(task_id="later", mode="reschedule")
    plan = compile_dag(dag, defaults=Core())
    assert not_yet(plan) == ()
    assert next(task.sensor for task in plan.tasks if task.task_id == "later") == SensorSpec(
        mode="reschedule"
    )


def test_one_mode_is_all_it_can_be_set_to_later() -> None:
    @poke_mode_only
    class Quick(Sensor):
        pass

    sensor = Quick(task_id="s")
    with pytest.raises(ValueError, match="mode must be poke"):
        sensor.mode = "reschedule"
    assert sensor.mode == "poke"

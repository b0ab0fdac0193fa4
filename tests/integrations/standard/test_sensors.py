"""What the sensors wait for: one look each, and what cannot be waited for."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tradewind import DAG, PokeReturnValue
from tradewind.authoring.errors import AirflowFailException, AirflowRescheduleException
from tradewind.integrations.standard.exceptions import DuplicateStateError
from tradewind.integrations.standard.hooks.package_index import PackageIndexHook
from tradewind.integrations.standard.sensors import time_delta
from tradewind.integrations.standard.sensors.bash import BashSensor
from tradewind.integrations.standard.sensors.date_time import DateTimeSensor, DateTimeSensorAsync
from tradewind.integrations.standard.sensors.external_task import (
    ExternalTaskMarker,
    ExternalTaskSensor,
)
from tradewind.integrations.standard.sensors.filesystem import FileSensor
from tradewind.integrations.standard.sensors.python import PythonSensor
from tradewind.integrations.standard.sensors.time import TimeSensor, TimeSensorAsync
from tradewind.integrations.standard.sensors.time_delta import (
    TimeDeltaSensor,
    TimeDeltaSensorAsync,
    WaitSensor,
)
from tradewind.integrations.standard.sensors.weekday import DayOfWeekSensor

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR_AWAY = datetime(2200, 1, 1, tzinfo=UTC)


def begun(at: datetime, first: datetime | None = None) -> dict[str, Any]:
    """The context of a try that began at a moment, called again since if `first` is given."""
    ti = SimpleNamespace(start_date=at, get_first_reschedule_date=lambda context: first)
    return {"ti": ti}


def test_a_command_ends_the_wait() -> None:
    assert BashSensor(task_id="s", bash_command="exit 0").poke({})
    assert not BashSensor(task_id="s", bash_command="exit 3").poke({})
    assert not BashSensor(task_id="s", bash_command="exit 3", retry_exit_code=3).poke({})
    with pytest.raises(AirflowFailException, match="exit code 2"):
        BashSensor(task_id="s", bash_command="exit 2", retry_exit_code=3).poke({})
    assert BashSensor(task_id="s", bash_command='[ "$WHO" = me ]', env={"WHO": "me"}).poke({})


def test_a_function_ends_the_wait() -> None:
    def enough(ds: str, least: int) -> bool:
        return int(ds[:4]) >= least

    sensor = PythonSensor(task_id="s", python_callable=enough, op_kwargs={"least": 2024})
    assert sensor.poke({"ds": "2024-01-01"}) is True
    assert sensor.poke({"ds": "2023-01-01"}) is False
    carrying = PythonSensor(task_id="s", python_callable=lambda: PokeReturnValue(True, 7))
    assert carrying.poke({}) == (True, 7)


def test_a_moment_ends_the_wait() -> None:
    assert DateTimeSensor(task_id="s", target_time=LONG_AGO).poke({})
    assert not DateTimeSensor(task_id="s", target_time=FAR_AWAY.isoformat()).poke({})
    assert DateTimeSensorAsync(task_id="s", target_time=LONG_AGO, start_from_trigger=True)
    with pytest.raises(TypeError, match="target_time must be"):
        DateTimeSensor(task_id="s", target_time=5)  # type: ignore[arg-type]


def test_a_time_of_today_is_one_in_the_dags_zone() -> None:
    with DAG("d", start_date=LONG_AGO):
        sensor = TimeSensor(task_id="s", target_time=time(0, 0))
    assert sensor.target_datetime.time() == time(0, 0)
    assert sensor.poke(begun(datetime.now(UTC)))
    assert TimeSensorAsync(task_id="s", target_time=time(1)).deferrable
    assert not TimeSensor(task_id="s", target_time=time(1)).deferrable


def test_a_duration_ends_the_wait() -> None:
    sensor = TimeDeltaSensor(task_id="s", delta=timedelta(hours=1))
    run = SimpleNamespace(run_after=FAR_AWAY)
    assert sensor.poke({"data_interval_end": LONG_AGO, "dag_run": run})
    assert not sensor.poke({"data_interval_end": None, "dag_run": run})
    assert TimeDeltaSensorAsync(task_id="s", delta=timedelta(1)).deferrable
    wait = WaitSensor(task_id="s", time_to_wait=5)
    assert wait.poke(begun(datetime.now(UTC) - timedelta(minutes=6)))
    assert not wait.poke(begun(datetime.now(UTC) - timedelta(minutes=4)))
    assert not wait.poke(begun(FAR_AWAY))


def test_a_wait_over_midnight_is_for_the_day_on_which_it_began() -> None:
    sensor = TimeSensor(task_id="s", target_time=time(23, 59, 59))
    assert sensor.poke(begun(datetime.now(UTC) - timedelta(days=2)))
    assert not sensor.poke(begun(datetime.now(UTC) + timedelta(days=2)))


def test_a_rescheduled_wait_counts_from_its_first_look() -> None:
    hour = timedelta(hours=1)
    now = datetime.now(UTC)
    sensor = WaitSensor(task_id="s", time_to_wait=hour, mode="reschedule")
    with pytest.raises(AirflowRescheduleException):
        sensor.execute(begun(now))
    sensor.execute(begun(now, first=now - hour))


def test_a_wait_in_its_process_ends_when_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time_delta.time, "sleep", slept.append)
    sensor = WaitSensor(task_id="s", time_to_wait=timedelta(hours=1), poke_interval=7200)

    sensor.execute(begun(datetime.now(UTC) - timedelta(minutes=30)))

    assert len(slept) == 1 and 1700 < slept[0] <= 1800


def test_a_day_of_the_week_ends_the_wait() -> None:
    sensor = DayOfWeekSensor(task_id="s", week_day="Wednesday", use_task_logical_date=True)
    assert sensor.poke({"logical_date": LONG_AGO, "dag": DAG("d")})
    assert not sensor.poke({"logical_date": LONG_AGO + timedelta(days=1), "dag": DAG("d")})


def test_a_file_ends_the_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "AIRFLOW_CONN_FS_DEFAULT", f'{{"conn_type": "fs", "extra": {{"path": "{tmp_path}"}}}}'
    )
    there = FileSensor(task_id="s", filepath="in/*.csv")
    folder = FileSensor(task_id="s", filepath="in")
    deep = FileSensor(task_id="s", filepath="in/**/b.csv", recursive=True)
    (tmp_path / "in" / "deep").mkdir(parents=True)
    assert not any(sensor.poke({}) for sensor in (there, folder, deep))
    (tmp_path / "in" / "a.csv").touch()
    assert there.poke({})
    assert folder.poke({})
    assert not deep.poke({})
    (tmp_path / "in" / "deep" / "b.csv").touch()
    assert deep.poke({})


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"external_task_id": "a", "external_task_ids": ["b"]},
            ValueError,
            "give one of external_task_id",
        ),
        ({"allowed_states": ["skipped"]}, ValueError, "skipped is no state of runs"),
        (
            {"external_task_id": "a", "failed_states": ["success"]},
            DuplicateStateError,
            "success can be only one",
        ),
        (
            {"execution_delta": timedelta(1), "execution_date_fn": lambda date: date},
            ValueError,
            "not both",
        ),
    ],
)
def test_what_cannot_be_waited_for(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ExternalTaskSensor(task_id="s", external_dag_id="other", **arguments)


def test_an_external_task_is_named() -> None:
    sensor = ExternalTaskSensor(
        task_id="s",
        external_dag_id="other",
        external_task_group_id="group",
        failed_states=["failed"],
        skipped_states=["skipped"],
    )
    assert sensor.allowed_states == ["success"]
    marker = ExternalTaskMarker(
        task_id="m", external_dag_id="other", external_task_id="s", execution_date=LONG_AGO
    )
    assert marker.logical_date == LONG_AGO.isoformat()
    with pytest.raises(ValueError, match="recursion_depth"):
        ExternalTaskMarker(
            task_id="m", external_dag_id="other", external_task_id="s", recursion_depth=0
        )


def test_a_package_index_has_its_credentials_in_its_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "AIRFLOW_CONN_PACKAGE_INDEX_DEFAULT",
        '{"conn_type": "package_index", "host": "https://index.test/simple",'
        ' "login": "me", "password": "a/b"}',
    )
    assert PackageIndexHook().get_connection_url() == "https://me:a%2Fb@index.test/simple"


def test_a_sensor_can_be_asked_without_a_run() -> None:
    with DAG("d"):
        sensor = TimeSensor(task_id="s", target_time=time(0))
    assert isinstance(sensor.poke({}), bool)
    assert TimeDeltaSensor.first_look({}).tzinfo is not None

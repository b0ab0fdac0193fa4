"""Sensors and operators that wait in a trigger, run by the engine of `dags test`."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from tradewind import DAG, TaskGroup, task
from tradewind.authoring import configuration
from tradewind.authoring.compile import compile_dag
from tradewind.authoring.errors import TaskDeferred
from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.triggers import StartTriggerArgs
from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.integrations.standard.operators.trigger_dagrun import TriggerDagRunOperator
from tradewind.integrations.standard.sensors.date_time import DateTimeSensorAsync
from tradewind.integrations.standard.sensors.external_task import ExternalTaskSensor
from tradewind.integrations.standard.sensors.filesystem import FileSensor
from tradewind.integrations.standard.sensors.time import TimeSensor, TimeSensorAsync
from tradewind.integrations.standard.sensors.time_delta import (
    TimeDeltaSensor,
    TimeDeltaSensorAsync,
    WaitSensor,
)
from tradewind.model.changes import Change, TaskChanged
from tradewind.model.states import TaskState
from tradewind.testing.engine import run_dag

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR_AWAY = datetime(2200, 1, 1, tzinfo=UTC)
LIMIT_S = 600.0


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    path = f'{{"conn_type": "fs", "extra": {{"path": "{tmp_path}"}}}}'
    monkeypatch.setenv("AIRFLOW_CONN_FS_DEFAULT", path)
    yield load_settings({"TRADEWIND_HOME": str(tmp_path / "home")})


def ended(dag: DAG, settings: Settings, **kwargs: Any) -> dict[str, tuple[TaskState, bool]]:
    """How each task ended, and whether it was deferred meanwhile."""
    deferred = set()

    def note(change: Change) -> None:
        if isinstance(change, TaskChanged) and change.task.state is TaskState.DEFERRED:
            deferred.add(change.task.key.task_id)

    result = run_dag(dag, settings=settings, on_change=note, **kwargs)
    return {key.task_id: (row.state, key.task_id in deferred) for key, row in result.tasks.items()}


WAITED = (TaskState.SUCCESS, True)
DID_NOT_WAIT = (TaskState.SUCCESS, False)


def test_moments(settings: Settings) -> None:
    with DAG("moments") as dag:
        DateTimeSensorAsync(task_id="now", target_time="{{ dag_run.run_after }}")
        DateTimeSensorAsync(task_id="end", target_time=LONG_AGO, end_from_trigger=True)
        DateTimeSensorAsync(task_id="start", target_time=LONG_AGO, start_from_trigger=True)
        TimeSensorAsync(task_id="midnight", target_time=time(0))
        TimeSensor(task_id="rests", target_time=time(0))
        TimeDeltaSensorAsync(task_id="past", delta=timedelta(0))
        TimeDeltaSensor(task_id="minutes", delta="{{ 0 }}", deferrable=False)
        WaitSensor(task_id="short", time_to_wait=timedelta(seconds=0.2), deferrable=True)
        WaitSensor(task_id="zero", time_to_wait="{{ 0 }}")

    assert ended(dag, settings) == {
        "now": WAITED,
        "end": WAITED,
        "start": WAITED,
        "midnight": WAITED,
        "rests": DID_NOT_WAIT,
        "past": DID_NOT_WAIT,
        "minutes": DID_NOT_WAIT,
        "short": WAITED,
        "zero": DID_NOT_WAIT,
    }


def test_which_moment(settings: Settings) -> None:
    sensor = TimeDeltaSensor(task_id="s", delta="90", deferrable=True, timeout=5)
    with pytest.raises(TaskDeferred) as raised:
        sensor.execute({"data_interval_end": FAR_AWAY})
    assert raised.value.trigger.moment == FAR_AWAY + timedelta(minutes=90)
    assert raised.value.timeout == timedelta(seconds=5)


def test_a_wait_that_is_too_long(settings: Settings) -> None:
    with DAG("late") as dag:
        TimeDeltaSensor(task_id="fails", delta=timedelta(days=1), deferrable=True, timeout=0.1)
        TimeDeltaSensor(
            task_id="skips", delta=timedelta(days=1), deferrable=True, timeout=0.1, soft_fail=True
        )
        FileSensor(
            task_id="never", filepath="x", deferrable=True, timeout=0.1, never_fail=True, retries=3
        )

    assert ended(dag, settings) == {
        "fails": (TaskState.FAILED, True),
        "skips": (TaskState.SKIPPED, True),
        "never": (TaskState.SKIPPED, True),
    }


def test_files(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    with DAG("files") as dag:
        FileSensor(task_id="there", filepath="there", deferrable=True)
        FileSensor(
            task_id="comes", filepath="come*", deferrable=True, poke_interval=0.01, timeout=LIMIT_S
        )
        FileSensor(
            task_id="starts",
            filepath="comes",
            deferrable=True,
            start_from_trigger=True,
            poke_interval=0.01,
            timeout=LIMIT_S,
        )

        @task
        def make() -> None:
            (tmp_path / "comes").touch()

        make()

    assert ended(dag, settings) == {
        "there": DID_NOT_WAIT,
        "comes": WAITED,
        "starts": WAITED,
        "make": DID_NOT_WAIT,
    }


def test_tasks_and_groups_of_a_dag(settings: Settings) -> None:
    def sensor(task_id: str, **kwargs: Any) -> ExternalTaskSensor:
        return ExternalTaskSensor(
            task_id=task_id,
            external_dag_id="both",
            deferrable=True,
            poke_interval=0.01,
            timeout=LIMIT_S,
            **kwargs,
        )

    with DAG("both", fail_fast=False) as dag:
        sensor("one", external_task_id="g.go")
        sensor("all", external_task_ids=["g.go", "g.on"])
        sensor("group", external_task_group_id="g")
        sensor("failed", external_task_id="breaks", failed_states=["failed"])
        sensor("soft", external_task_id="breaks", failed_states=["failed"], soft_fail=True)
        sensor(
            "skipped",
            external_task_id="g.go",
            allowed_states=["failed"],
            skipped_states=["success"],
        )

        @task
        def go() -> None: ...

        @task
        def on() -> None: ...

        @task
        def breaks() -> None:
            raise ValueError("as it should")

        with TaskGroup("g"):
            go() >> on()
        breaks()

    states = ended(dag, settings)

    assert {task_id: states[task_id] for task_id in ("one", "all", "group")} == dict.fromkeys(
        ("one", "all", "group"), WAITED
    )
    assert states["failed"] == (TaskState.FAILED, True)
    assert states["soft"] == states["skipped"] == (TaskState.SKIPPED, True)


def test_a_run_of_another_dag(settings: Settings) -> None:
    with DAG("front") as dag:
        TriggerDagRunOperator(
            task_id="make",
            trigger_dag_id="back",
            wait_for_completion=True,
            deferrable=True,
            poke_interval=1,
        )
        TriggerDagRunOperator(
            task_id="fails",
            trigger_dag_id="back",
            wait_for_completion=True,
            deferrable=True,
            allowed_states=["failed"],
            failed_states=["success"],
        )

    assert ended(dag, settings) == {"make": WAITED, "fails": (TaskState.FAILED, True)}


def test_where_a_task_begins(settings: Settings) -> None:
    with DAG("begins") as dag:
        DateTimeSensorAsync(task_id="known", target_time=LONG_AGO, start_from_trigger=True)
        DateTimeSensorAsync(task_id="later", target_time="{{ ds }}", start_from_trigger=True)
        FileSensor(task_id="path", filepath="a", deferrable=True, start_from_trigger=True)
        FileSensor(
            task_id="template", filepath="{{ ds }}", deferrable=True, start_from_trigger=True
        )
        FileSensor(task_id="not_deferrable", filepath="a", start_from_trigger=True)
        TimeSensor(task_id="today", target_time=time(1), deferrable=True, start_from_trigger=True)

    plan = compile_dag(dag, defaults=settings.core)

    begin = {each.task_id for each in plan.tasks if each.start_trigger is not None}
    assert begin == {"known", "path"}


def test_a_trigger_whose_arguments_are_templates_is_begun_by_the_task(settings: Settings) -> None:
    class Waits(BaseOperator):
        template_fields = ("what",)
        start_from_trigger = True

        def __init__(self, *, what: Any, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.what = what
            arguments = {"what": what, "note": "{{ as it is }}"}
            self.start_trigger_args = StartTriggerArgs("m.Trigger", "go_on", arguments)

    with DAG("begins") as dag:
        Waits(task_id="plain", what="x")
        Waits(task_id="template", what=["{{ ds }}"])
        Waits(task_id="nested", what={"days": ("{% if ds %}1{% endif %}", 2)})

    plan = compile_dag(dag, defaults=settings.core)

    assert [each.task_id for each in plan.tasks if each.start_trigger is not None] == ["plain"]


@pytest.mark.parametrize("is_default", [True, False])
def test_what_is_the_default(tmp_path: Path, is_default: bool) -> None:
    before = configuration.current()
    option = {"TRADEWIND__OPERATORS__DEFAULT_DEFERRABLE": str(is_default)}
    configuration.use(load_settings({"TRADEWIND_HOME": str(tmp_path), **option}))
    try:
        made: list[BaseOperator] = [
            FileSensor(task_id="a", filepath="a"),
            TimeSensor(task_id="b", target_time=time(0)),
            TimeDeltaSensor(task_id="c", delta=timedelta(0)),
            WaitSensor(task_id="d", time_to_wait=0),
            ExternalTaskSensor(task_id="e", external_dag_id="x"),
            TriggerDagRunOperator(task_id="f", trigger_dag_id="x"),
        ]
        assert {getattr(each, "deferrable", None) for each in made} == {is_default}
        assert TimeSensorAsync(task_id="g", target_time=time(0)).deferrable
        assert not FileSensor(task_id="h", filepath="a", deferrable=False).deferrable
    finally:
        configuration.use(before)

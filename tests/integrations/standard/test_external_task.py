"""ExternalTaskSensor: what it looks for, by which dates, and what it makes of what it finds."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tradewind import DAG
from tradewind.authoring import host, profile
from tradewind.authoring.errors import AirflowSkipException
from tradewind.authoring.run_questions import RunQuestions
from tradewind.integrations.standard.exceptions import (
    ExternalDagFailedError,
    ExternalDagNotFoundError,
    ExternalTaskFailedError,
    ExternalTaskGroupFailedError,
    ExternalTaskGroupNotFoundError,
    ExternalTaskNotFoundError,
)
from tradewind.integrations.standard.sensors.external_task import ExternalTaskSensor
from tradewind.model.requests import DagOf, RunCount, TaskCount, TaskStatesOf

DAY = datetime(2024, 5, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Elsewhere:
    """Another DAG, `x`, as its host knows it: states of runs and tasks by their dates."""

    def __init__(self) -> None:
        self.runs: dict[datetime, str] = {}
        self.tasks: dict[tuple[datetime, str], str] = {}
        self.group = {"g.a", "g.b"}
        self.shape: dict[str, list[str]] | None = {"tasks": ["a", "b"], "groups": ["g"]}

    def push_xcom(self, key: str, value: Any) -> None:
        raise AssertionError("it pushes nothing")

    def ask(self, request: Any) -> Any:
        assert request.dag_id == "x"
        match request:
            case RunCount(logical_dates=dates, states=states):
                return sum(self.runs.get(date) in states for date in dates)
            case TaskCount(logical_dates=dates, states=states, task_ids=ids):
                return sum(
                    state in states
                    for (date, task_id), state in self.tasks.items()
                    if date in dates and task_id in ids
                )
            case TaskStatesOf(logical_dates=dates, task_group_id="g"):
                return {
                    str(date): {
                        task_id: state
                        for (when, task_id), state in self.tasks.items()
                        if when == date and task_id in self.group
                    }
                    for date in dates
                }
            case DagOf():
                return self.shape
        raise AssertionError(request)


@pytest.fixture
def there() -> Iterator[Elsewhere]:
    elsewhere = Elsewhere()
    with host.use(elsewhere):
        yield elsewhere


def look(date: datetime | None = DAY, **arguments: Any) -> Any:
    dag = DAG("d", auto_register=False)
    sensor = ExternalTaskSensor(task_id="s", external_dag_id="x", dag=dag, **arguments)
    context: dict[str, Any] = {
        "ti": RunQuestions(),
        "dag": dag,
        "dag_run": SimpleNamespace(run_after=DAY + HOUR),
    }
    if date is not None:
        context["logical_date"] = date
    return sensor.poke(context)


def test_a_run_of_the_same_date(there: Elsewhere) -> None:
    assert not look()
    there.runs[DAY] = "running"
    assert not look()
    there.runs[DAY] = "success"
    assert look()
    assert not look(DAY + HOUR)


def test_a_run_without_a_date_looks_for_the_time_it_may_start_from(there: Elsewhere) -> None:
    there.runs[DAY + HOUR] = "success"
    assert look(None)


def test_an_earlier_date(there: Elsewhere) -> None:
    there.runs[DAY - HOUR] = "success"
    assert look(execution_delta=HOUR)
    assert not look(execution_delta=2 * HOUR)


def test_dates_of_its_own(there: Elsewhere) -> None:
    there.runs[DAY - HOUR] = "success"
    assert look(execution_date_fn=lambda date: date - HOUR)
    assert look(execution_date_fn=lambda date, dag_run: dag_run.run_after - 2 * HOUR)
    assert look(execution_date_fn=lambda date, **context: context["dag_run"].run_after - 2 * HOUR)

    def both(date: datetime) -> list[datetime]:
        return [date, date - HOUR]

    assert not look(execution_date_fn=both)
    there.runs[DAY] = "success"
    assert look(execution_date_fn=both)


def test_all_of_several_tasks(there: Elsewhere) -> None:
    there.tasks[DAY, "a"] = "success"
    assert look(external_task_id="a")
    assert not look(external_task_ids=["a", "b"])
    there.tasks[DAY, "b"] = "skipped"
    assert not look(external_task_ids=["a", "b"])
    assert look(external_task_ids=["a", "b"], allowed_states=["success", "skipped"])


def test_all_of_a_group(there: Elsewhere) -> None:
    assert not look(external_task_group_id="g"), "it has no task instances yet"
    there.tasks |= {(DAY, "g.a"): "success", (DAY, "g.b"): "running"}
    assert not look(external_task_group_id="g")
    there.tasks[DAY, "g.b"] = "success"
    assert look(external_task_group_id="g")


@pytest.mark.parametrize(
    ("of", "error"),
    [
        ({}, ExternalDagFailedError),
        ({"external_task_ids": ["a", "b"]}, ExternalTaskFailedError),
        ({"external_task_group_id": "g"}, ExternalTaskGroupFailedError),
    ],
)
def test_what_has_failed_ends_the_wait(
    there: Elsewhere, of: dict[str, Any], error: type[Exception]
) -> None:
    there.runs[DAY] = "failed"
    there.tasks = {(DAY, name): "failed" for name in ("a", "g.a", "g.b")}
    assert not look(**of), "unless it is told, it waits on"
    with pytest.raises(error):
        look(**of, failed_states=["failed"])
    with pytest.raises(AirflowSkipException):
        look(**of, failed_states=["failed"], soft_fail=True)
    with pytest.raises(AirflowSkipException):
        look(**of, skipped_states=["failed"])


def test_a_task_named_twice(there: Elsewhere) -> None:
    with pytest.raises(ValueError, match="names a task twice"):
        look(external_task_ids=["a", "a"])


def test_poll_interval_is_an_older_name() -> None:
    sensor = ExternalTaskSensor(task_id="s", external_dag_id="x", poll_interval=5)
    assert (sensor.poke_interval, sensor.poll_interval) == (5, 5)


def test_only_files_of_2_have_it_look_whether_there_is_such_a_thing(there: Elsewhere) -> None:
    there.shape = None
    assert not look(check_existence=True)
    with profile.reports_of_one_file():
        profile.report("is of 2.x")
        with pytest.raises(ExternalDagNotFoundError):
            look(check_existence=True)
        there.shape = {"tasks": ["a"], "groups": []}
        assert not look(check_existence=True, external_task_id="a")
        with pytest.raises(ExternalTaskNotFoundError, match="no task b"):
            look(check_existence=True, external_task_ids=["a", "b"])
        with pytest.raises(ExternalTaskGroupNotFoundError, match="no task group g"):
            look(check_existence=True, external_task_group_id="g")

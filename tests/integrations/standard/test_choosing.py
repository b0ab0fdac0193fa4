"""Operators that choose what follows: what they choose, and what cannot be chosen from."""

from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pendulum
import pytest

from tradewind import DAG
from tradewind.authoring.compile import compile_dag
from tradewind.authoring.profile import reports_of_one_file
from tradewind.authoring.run_facts import moment
from tradewind.config.settings import Core
from tradewind.core.abilities import not_yet
from tradewind.integrations.standard.operators import latest_only
from tradewind.integrations.standard.operators.branch import BaseBranchOperator
from tradewind.integrations.standard.operators.datetime import (
    BranchDateTimeOperator,
    target_times_as_dates,
)
from tradewind.integrations.standard.operators.hitl import (
    ApprovalOperator,
    HITLBranchOperator,
    HITLEntryOperator,
    HITLOperator,
)
from tradewind.integrations.standard.operators.latest_only import LatestOnlyOperator
from tradewind.integrations.standard.operators.python import (
    BranchPythonOperator,
    ExternalPythonOperator,
    PythonVirtualenvOperator,
    ShortCircuitOperator,
)
from tradewind.integrations.standard.operators.smooth import SmoothOperator
from tradewind.integrations.standard.operators.trigger_dagrun import TriggerDagRunOperator
from tradewind.integrations.standard.operators.weekday import BranchDayOfWeekOperator
from tradewind.integrations.standard.sensors.weekday import DayOfWeekSensor
from tradewind.integrations.standard.utils.weekday import WeekDay
from tradewind.model.states import RunType
from tradewind.timetables import CronDataIntervalTimetable

THURSDAY = datetime(2024, 2, 29, 12, tzinfo=UTC)


def unsupported(make: Any, **arguments: Any) -> tuple[str, ...]:
    with DAG("d") as dag:
        make(task_id="t", **arguments)
    return not_yet(compile_dag(dag, defaults=Core()))


def nothing() -> None: ...


@pytest.mark.parametrize(
    ("make", "arguments"),
    [
        (SmoothOperator, {}),
        (BranchPythonOperator, {"python_callable": nothing}),
        (ShortCircuitOperator, {"python_callable": nothing}),
        (LatestOnlyOperator, {}),
        (HITLOperator, {"subject": "?", "options": ["a"]}),
        (ApprovalOperator, {"subject": "?"}),
        (HITLEntryOperator, {"subject": "?"}),
    ],
)
def test_these_run(make: Any, arguments: dict[str, Any]) -> None:
    assert unsupported(make, **arguments) == ()


@pytest.mark.parametrize(
    ("lower", "upper", "chosen"),
    [
        (time(11), time(13), "yes"),
        (time(13), time(14), "no"),
        (time(23), time(13), "no"),
        (time(10), time(9), "yes"),
        (None, datetime(2024, 2, 29, 12, 1), "yes"),
        (datetime(2024, 3, 1), None, "no"),
    ],
)
def test_a_span_of_time_chooses(lower: Any, upper: Any, chosen: str) -> None:
    operator = BranchDateTimeOperator(
        task_id="t",
        follow_task_ids_if_true="yes",
        follow_task_ids_if_false="no",
        target_lower=lower,
        target_upper=upper,
        use_task_logical_date=True,
    )
    assert operator.choose_branch({"logical_date": THURSDAY}) == chosen


def test_an_upper_time_before_the_lower_is_of_the_next_day() -> None:
    start, end = target_times_as_dates(THURSDAY, time(22), time(3))
    assert (start, end) == (datetime(2024, 2, 29, 22), datetime(2024, 3, 1, 3))
    reversed_dates = (datetime(2024, 3, 2), datetime(2024, 3, 1))
    assert target_times_as_dates(THURSDAY, *reversed_dates) == reversed_dates


@pytest.mark.parametrize(("lower", "chosen"), [(time(7), "yes"), (datetime(2024, 2, 29, 8), "no")])
def test_a_bound_without_a_zone_is_in_that_of_the_dag(lower: Any, chosen: str) -> None:
    with DAG("d", start_date=pendulum.datetime(2024, 1, 1, tz="America/New_York")):
        operator = BranchDateTimeOperator(
            task_id="t",
            follow_task_ids_if_true="yes",
            follow_task_ids_if_false="no",
            target_lower=lower,
            target_upper=time(7, 30),
            use_task_logical_date=True,
        )
    assert operator.choose_branch({"logical_date": THURSDAY}) == chosen, "noon in London"


def test_a_run_without_a_logical_date_is_of_the_moment_it_may_run_from() -> None:
    context = {"logical_date": None, "dag_run": SimpleNamespace(run_after=THURSDAY)}
    branches = {"follow_task_ids_if_true": "yes", "follow_task_ids_if_false": "no"}
    by_day = BranchDayOfWeekOperator(
        task_id="d", week_day="Thursday", use_task_logical_date=True, **branches
    )
    by_time = BranchDateTimeOperator(
        task_id="t",
        target_lower=THURSDAY,
        target_upper=THURSDAY,
        use_task_logical_date=True,
        **branches,
    )
    sensor = DayOfWeekSensor(task_id="s", week_day="Thursday", use_task_logical_date=True)
    assert by_day.choose_branch(context) == by_time.choose_branch(context) == "yes"
    assert sensor.poke(context)


@pytest.mark.parametrize(
    ("days", "chosen"),
    [
        ("thursday", "yes"),
        (WeekDay.FRIDAY, "no"),
        ({"Monday", WeekDay.THURSDAY}, "yes"),
        (["Saturday", "Sunday"], "no"),
    ],
)
def test_a_day_chooses(days: Any, chosen: str) -> None:
    operator = BranchDayOfWeekOperator(
        task_id="t",
        follow_task_ids_if_true="yes",
        follow_task_ids_if_false="no",
        week_day=days,
        use_task_logical_date=True,
    )
    context = {"logical_date": THURSDAY, "dag": DAG("d")}
    assert operator.choose_branch(context) == chosen


def test_unknown_days_are_refused() -> None:
    with pytest.raises(AttributeError, match="no day 'Caturday'"):
        WeekDay.validate_week_day("Caturday")
    with pytest.raises(TypeError, match="must be a name"):
        WeekDay.validate_week_day(3)


@pytest.mark.parametrize(
    ("make", "arguments", "today"),
    [
        (
            BranchDateTimeOperator,
            {
                "follow_task_ids_if_true": "a",
                "follow_task_ids_if_false": "b",
                "target_lower": time(1),
                "target_upper": None,
                "use_task_execution_date": True,
            },
            "use_task_logical_date",
        ),
        (
            BranchDayOfWeekOperator,
            {
                "follow_task_ids_if_true": "a",
                "follow_task_ids_if_false": "b",
                "week_day": "Monday",
                "use_task_execution_day": True,
            },
            "use_task_logical_date",
        ),
        (
            TriggerDagRunOperator,
            {"trigger_dag_id": "other", "execution_date": "{{ ds }}"},
            "logical_date",
        ),
        (
            PythonVirtualenvOperator,
            {"python_callable": nothing, "use_dill": True},
            "serializer",
        ),
    ],
)
def test_legacy_arguments_are_taken(make: Any, arguments: dict[str, Any], today: str) -> None:
    with reports_of_one_file() as evidence:
        task = make(task_id="t", **arguments)
    assert getattr(task, today) in (True, "{{ ds }}", "dill")
    assert len(evidence) == 1


@pytest.mark.parametrize(
    ("make", "arguments", "message"),
    [
        (
            BranchDateTimeOperator,
            {
                "follow_task_ids_if_true": "a",
                "follow_task_ids_if_false": "b",
                "target_lower": None,
                "target_upper": None,
            },
            "needs target_lower",
        ),
        (PythonVirtualenvOperator, {"python_callable": lambda: 1}, "not a lambda"),
        (
            PythonVirtualenvOperator,
            {"python_callable": nothing, "serializer": "json"},
            "serializer must be one of",
        ),
        (ExternalPythonOperator, {"python_callable": nothing, "python": ""}, "path of an"),
        (TriggerDagRunOperator, {"trigger_dag_id": "x", "logical_date": 3}, "must be a datetime"),
        (HITLOperator, {"subject": "?", "options": []}, "options must not be empty"),
        (HITLOperator, {"subject": "?", "options": ["a"], "defaults": "b"}, "none of the options"),
        (
            HITLOperator,
            {"subject": "?", "options": ["a", "b"], "defaults": ["a", "b"]},
            "multiple=True",
        ),
        (ApprovalOperator, {"subject": "?", "options": ["a"]}, "has its own options"),
        (
            HITLBranchOperator,
            {"subject": "?", "options": ["a"], "options_mapping": {"b": "t"}},
            "none of the options",
        ),
    ],
)
def test_what_cannot_be_is_refused(make: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        make(task_id="t", **arguments)


def test_the_bases_are_the_sdks() -> None:
    assert BaseBranchOperator.__module__ == "airflow.sdk.bases.branch"
    assert issubclass(LatestOnlyOperator, BaseBranchOperator)


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("schedule", "started", "width", "run_type", "goes_on"),
    [
        ("0 * * * *", 0.5, 0, RunType.SCHEDULED, True),
        ("0 * * * *", 1.5, 0, RunType.SCHEDULED, False),
        ("0 * * * *", 1.5, 0, RunType.BACKFILL, False),
        ("0 * * * *", 1.5, 0, RunType.OPERATOR_TRIGGERED, False),
        ("0 * * * *", 1.5, 0, RunType.MANUAL, True),
        ("0 * * * *", -0.5, 0, RunType.SCHEDULED, False),
        (CronDataIntervalTimetable("0 * * * *", timezone="UTC"), 1.5, 1, RunType.SCHEDULED, True),
        (CronDataIntervalTimetable("0 * * * *", timezone="UTC"), 2.5, 1, RunType.SCHEDULED, False),
        (timedelta(hours=1), 0.5, 0, RunType.SCHEDULED, True),
        (None, 40, 0, RunType.ASSET_TRIGGERED, True),
        ("@once", 40, 0, RunType.SCHEDULED, True),
    ],
)
def test_the_latest_run_goes_on(
    monkeypatch: pytest.MonkeyPatch,
    schedule: Any,
    started: float,
    width: int,
    run_type: RunType,
    goes_on: bool,
) -> None:
    """`started` and `width` are hours: the age of the run's date, and of its interval."""
    with DAG("d", schedule=schedule, start_date=THURSDAY - 90 * HOUR) as dag:
        latest = LatestOnlyOperator(task_id="latest")
        after = SmoothOperator(task_id="a")
        latest >> after
    monkeypatch.setattr(latest_only, "datetime", _Clock)
    run = SimpleNamespace(
        run_type=run_type,
        run_after=moment(THURSDAY),
        logical_date=moment(THURSDAY),
        data_interval_start=moment(THURSDAY),
        data_interval_end=moment(THURSDAY + width * HOUR),
    )
    _Clock.moment = THURSDAY + started * HOUR
    assert latest.choose_branch({"dag_run": run, "dag": dag}) == (["a"] if goes_on else [])


class _Clock:
    moment: datetime

    @classmethod
    def now(cls, zone: Any) -> datetime:
        return cls.moment

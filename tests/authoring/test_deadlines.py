"""Deadlines, callbacks by path, retry policies and partitions: what they take, and as data."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tradewind import (
    DAG,
    AllowedKeyMapper,
    AsyncCallback,
    BaseDeadlineReference,
    ChainMapper,
    CronPartitionTimetable,
    DayWindow,
    DeadlineAlert,
    DeadlineReference,
    ExceptionRetryPolicy,
    FanOutMapper,
    HourWindow,
    IdentityMapper,
    MinimumCount,
    PartitionedAtRuntime,
    ProductMapper,
    RetryAction,
    RetryRule,
    RollupMapper,
    SegmentWindow,
    StartOfDayMapper,
    SyncCallback,
    deadline_reference,
)
from tradewind.authoring.compile import compile_dag
from tradewind.authoring.deadlines import VariableInterval
from tradewind.config.settings import Core
from tradewind.core.abilities import not_yet
from tradewind.integrations.standard import EmptyOperator
from tradewind.model.codec import from_data, to_data
from tradewind.model.constructs import DeadlineSpec
from tradewind.model.plan import Plan
from tradewind.timetables import from_spec

HOUR = timedelta(hours=1)
QUEUED = DeadlineReference.DAGRUN_QUEUED_AT


async def tell(**_: Any) -> None: ...


def say(**_: Any) -> None: ...


def test_deadlines_are_in_the_plan() -> None:
    alerts = [
        DeadlineAlert(QUEUED, HOUR, AsyncCallback(tell, {"to": "me"}), name="slow"),
        DeadlineAlert(
            DeadlineReference.AVERAGE_RUNTIME(max_runs=5),
            VariableInterval("minutes"),
            SyncCallback("a.b.c", executor="Local"),
        ),
    ]
    plan = compile_dag(DAG("d", deadline=alerts), defaults=Core())
    assert from_data(Plan, to_data(plan)) == plan
    assert plan.deadlines == (
        DeadlineSpec(
            name="slow",
            reference={"reference_type": "DagRunQueuedAtDeadline"},
            callback={"kind": "AsyncCallback", "path": f"{__name__}.tell", "kwargs": {"to": "me"}},
            interval_s=3600.0,
        ),
        DeadlineSpec(
            reference={"reference_type": "AverageRuntimeDeadline", "max_runs": 5, "min_runs": 5},
            callback={"kind": "SyncCallback", "path": "a.b.c", "kwargs": {}, "executor": "Local"},
            interval_variable="minutes",
        ),
    )
    assert not_yet(plan) == ("the DAG uses deadlines",)


def test_a_fixed_moment_is_in_utc() -> None:
    reference = DeadlineReference.FIXED_DATETIME(datetime(2024, 1, 1))
    assert reference.serialize_reference()["datetime"] == "2024-01-01T00:00:00+00:00"
    assert reference == type(reference).deserialize_reference(reference.serialize_reference())


def test_a_reference_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = DeadlineReference.TYPES
    for name in ("DAGRUN", "DAGRUN_CREATED", "DAGRUN_QUEUED"):
        monkeypatch.setattr(kinds, name, getattr(kinds, name))
    monkeypatch.setattr(DeadlineReference, "Fiscal", None, raising=False)

    @deadline_reference(kinds.DAGRUN_QUEUED)
    class Fiscal(BaseDeadlineReference): ...

    assert Fiscal in DeadlineReference.TYPES.DAGRUN_QUEUED
    assert DeadlineReference.Fiscal == Fiscal()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DeadlineAlert(QUEUED, 3, AsyncCallback(tell)), "interval must be a timedelta"),  # type: ignore[arg-type]
        (lambda: DeadlineAlert("x", HOUR, AsyncCallback(tell)), "must be a DeadlineReference"),  # type: ignore[arg-type]
        (lambda: DeadlineAlert(QUEUED, HOUR, tell), "must be an AsyncCallback or a SyncCallback"),  # type: ignore[arg-type]
        (lambda: AsyncCallback(say), "takes an async function, and say is not one"),
        (lambda: AsyncCallback("not a path"), "the dotted path of one"),
        (lambda: SyncCallback(say, {"context": 1}), "gets 'context' from the run"),
        (lambda: DeadlineReference.AVERAGE_RUNTIME(5, 0), "min_runs must be at least 1"),
        (lambda: DeadlineReference.FIXED_DATETIME("2024"), "takes a datetime"),  # type: ignore[arg-type]
        (lambda: DAG("d", deadline=3), "must be a DeadlineAlert or a list"),
        (lambda: RetryRule("ValueError"), "must be a dotted path"),
        (lambda: RetryRule(3), "takes exception classes"),  # type: ignore[arg-type]
        (lambda: ExceptionRetryPolicy([3]), "takes a list of RetryRule"),  # type: ignore[list-item]
        (lambda: MinimumCount(0), "write WaitForAll"),
        (lambda: SegmentWindow([]), "at least one key"),
        (lambda: IdentityMapper(max_downstream_keys=0), "must be above 0 or None"),
        (
            lambda: RollupMapper(upstream_mapper=IdentityMapper(), window=DayWindow()),
            "DayWindow is of datetime keys",
        ),
        (
            lambda: FanOutMapper(upstream_mapper=StartOfDayMapper(), window=HourWindow()),
            "no usual downstream_mapper",
        ),
        (lambda: ChainMapper(IdentityMapper(), 3), "takes partition mappers"),  # type: ignore[arg-type]
        (lambda: CronPartitionTimetable("0 0 * * *"), "needs timezone="),
    ],
)
def test_what_cannot_be_is_refused(make: Any, message: str) -> None:
    with pytest.raises(Exception, match=message):
        make()


def test_a_retry_policy_decides_by_exception() -> None:
    policy = ExceptionRetryPolicy(
        [
            RetryRule(KeyError, RetryAction.FAIL),
            RetryRule("builtins.LookupError", retry_delay=HOUR, match_subclasses=False),
            RetryRule([OSError, "builtins.ValueError"], reason="again"),
        ]
    )
    same = ExceptionRetryPolicy.deserialize(policy.serialize())
    for each in (policy, same):
        assert each.evaluate(KeyError("x"), 1, 3).action is RetryAction.FAIL
        assert each.evaluate(LookupError("x"), 1, 3).retry_delay == HOUR
        assert each.evaluate(IndexError("x"), 1, 3).action is RetryAction.DEFAULT
        assert each.evaluate(UnicodeError("x"), 1, 3).reason == "again"
    with DAG("d") as dag:
        EmptyOperator(task_id="t", retry_policy=policy)
    assert not_yet(compile_dag(dag, defaults=Core())) == ()


def test_mappers_are_data() -> None:
    rollup = RollupMapper(
        upstream_mapper=StartOfDayMapper(), window=DayWindow(), wait_policy=MinimumCount(-1)
    )
    assert rollup.as_data() == {
        "kind": "RollupMapper",
        "upstream_mapper": {
            "kind": "StartOfDayMapper",
            "timezone": "UTC",
            "input_format": "%Y-%m-%dT%H:%M:%S",
            "output_format": "%Y-%m-%d",
        },
        "window": {"kind": "DayWindow", "direction": "forward"},
        "wait_policy": {"kind": "MinimumCount", "n": -1},
    }
    fanned = FanOutMapper(upstream_mapper=StartOfDayMapper(), window=DayWindow())
    assert fanned.as_data()["downstream_mapper"]["kind"] == "StartOfHourMapper"
    product = ProductMapper(IdentityMapper(), AllowedKeyMapper(["eu"]), delimiter="/")
    assert product.as_data() == {
        "kind": "ProductMapper",
        "mappers": [
            {"kind": "IdentityMapper"},
            {"kind": "AllowedKeyMapper", "allowed_keys": ["eu"]},
        ],
        "delimiter": "/",
    }
    assert product != ProductMapper(IdentityMapper(), IdentityMapper(), delimiter="/")


@pytest.mark.parametrize(
    "schedule",
    [
        CronPartitionTimetable("0 0 * * *", timezone="UTC", run_offset=-1, key_format="%Y"),
        CronPartitionTimetable("0 0 * * *", timezone="UTC", run_offset=HOUR, run_immediately=HOUR),
        PartitionedAtRuntime(),
    ],
)
def test_partitioned_schedules_are_data(schedule: Any) -> None:
    plan = compile_dag(DAG("d", schedule=schedule), defaults=Core())
    assert from_spec(plan.schedule) == schedule
    assert not_yet(plan) == ("the DAG uses partitions",)

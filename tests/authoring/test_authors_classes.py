"""Timetables, weight strategies and plugins of an author's own: they load, running is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tradewind import DAG, BaseOperator, CronTriggerTimetable
from tradewind.authoring.compile import compile_dag
from tradewind.authoring.custom_timetable import DagRunInfo, TimeRestriction, Timetable
from tradewind.authoring.plugins import AirflowPlugin, hookimpl
from tradewind.authoring.priority_strategy import PriorityWeightStrategy
from tradewind.config.settings import Core
from tradewind.core.abilities import not_yet
from tradewind.model.errors import InvalidDag
from tradewind.model.plan import Plan
from tradewind.model.snapshots import DataInterval, RunInfo
from tradewind.timetables import from_spec

START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


class EveryOtherDay(Timetable):
    description = "Every other day"

    def __init__(self, hour: int = 0) -> None:
        self.hour = hour

    def next_dagrun_info(
        self, *, last_automated_data_interval: Any, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        if last_automated_data_interval is not None:
            start = last_automated_data_interval.start + 2 * DAY
        elif restriction.earliest is None:
            return None
        else:
            start = restriction.earliest.replace(hour=self.hour)
        return DagRunInfo.interval(start, start + DAY)

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        return DataInterval(run_after - DAY, run_after)

    def serialize(self) -> dict[str, Any]:
        return {"hour": self.hour}


class Later(CronTriggerTimetable):
    pass


class Odd(EveryOtherDay):
    def serialize(self) -> dict[str, Any]:
        return {"hour": {1, 2}}


class Impatient(PriorityWeightStrategy):
    def get_weight(self, ti: Any) -> int:
        return int(ti.try_number)


def compiled(schedule: Any = None, **arguments: Any) -> Plan:
    with DAG("d", schedule=schedule, start_date=START) as dag:
        BaseOperator(task_id="t", **arguments)
    return compile_dag(dag, defaults=Core())


def test_a_timetable_is_named_in_the_plan_and_makes_no_run_here() -> None:
    plan = compiled(EveryOtherDay(hour=3))
    assert plan.schedule.args == {"path": f"{__name__}.EveryOtherDay", "data": {"hour": 3}}
    assert (plan.schedule.summary, plan.schedule.description) == (
        "EveryOtherDay",
        "Every other day",
    )
    assert not_yet(plan) == ("the DAG uses a timetable of one's own",)
    known = from_spec(plan.schedule)
    assert not known.can_be_scheduled
    assert known.to_spec().args == plan.schedule.args


def test_it_answers_as_every_timetable_does() -> None:
    timetable = EveryOtherDay.deserialize({"hour": 3})
    runs = list(timetable.runs_between(START, START + 3 * DAY))
    assert [run.logical_date for run in runs] == [
        START.replace(hour=3),
        START.replace(hour=3) + 2 * DAY,
    ]
    assert timetable.manual_interval(run_after=START) == DataInterval(START - DAY, START)
    assert DagRunInfo.exact(START).logical_date == START
    assert DagRunInfo(START, None).logical_date is None
    assert RunInfo(START, DataInterval.exact(START)).logical_date == START


def test_a_subclass_of_one_of_ours_is_not_taken_for_it() -> None:
    plan = compiled(Later("0 0 * * *", timezone="UTC"))
    assert plan.schedule.kind == "custom"
    assert plan.schedule.args["path"] == f"{__name__}.Later"
    assert compiled(CronTriggerTimetable("0 0 * * *", timezone="UTC")).schedule.kind != "custom"


def test_what_cannot_be_stored_is_refused_at_the_dags_line() -> None:
    with pytest.raises(InvalidDag, match="DAG 'd': Odd: its serialize method must give JSON"):
        compiled(Odd())


@pytest.mark.parametrize(
    "rule", [Impatient(), Impatient, f"{__name__}.Impatient"], ids=["instance", "class", "path"]
)
def test_a_weight_strategy_is_named_in_the_plan(rule: Any) -> None:
    plan = compiled(weight_rule=rule)
    assert plan.tasks[0].weight_rule == f"{__name__}.Impatient"
    assert not_yet(plan) == ("task t uses a weight strategy of one's own",)
    assert Impatient.deserialize(Impatient().serialize()) == Impatient()


def test_a_plugin_lists_what_it_brings() -> None:
    class Mine(AirflowPlugin):
        name = "mine"
        timetables = [EveryOtherDay]

    class Nameless(AirflowPlugin):
        pass

    Mine.validate()
    assert (Mine.listeners, Mine.timetables) == ([], [EveryOtherDay])
    with pytest.raises(ValueError, match="Nameless has no name"):
        Nameless.validate()


def test_a_listener_is_marked() -> None:
    @hookimpl
    def on_starting(component: Any) -> None: ...

    @hookimpl(trylast=True)
    def before_stopping(component: Any) -> None: ...

    assert on_starting.airflow_impl == {}
    assert before_stopping.airflow_impl == {"trylast": True}

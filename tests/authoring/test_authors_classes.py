"""Timetables, weight strategies and plugins of an author's own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pendulum
import pytest

from tradewind import DAG, Asset, AssetOrTimeSchedule, BaseOperator, CronTriggerTimetable
from tradewind.authoring.compile import compile_dag
from tradewind.authoring.custom_timetable import (
    DagRunInfo,
    TimeRestriction,
    Timetable,
    answer_question,
    own_of,
)
from tradewind.authoring.plugins import AirflowPlugin, hookimpl
from tradewind.authoring.priority_strategy import PriorityWeightStrategy
from tradewind.config.settings import Core
from tradewind.core.abilities import not_yet
from tradewind.model.errors import InvalidDag, InvalidSchedule
from tradewind.model.intervals import DataInterval, RunInfo
from tradewind.model.plan import Plan
from tradewind.model.timetable_questions import TimetableAnswer, TimetableQuestion
from tradewind.timetables import NotToldYet, from_spec

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
        return 2 * min(ti.try_number + 1, 3)


def compiled(schedule: Any = None, **arguments: Any) -> Plan:
    with DAG("d", schedule=schedule, start_date=START) as dag:
        BaseOperator(task_id="t", **arguments)
    return compile_dag(dag, defaults=Core())


class Lapsed(EveryOtherDay):
    can_be_scheduled = False
    periodic = False


class SkipsTheFirst(CronTriggerTimetable):
    """One of ours, told otherwise in one respect."""

    def next_dagrun_info(
        self, *, last_automated_data_interval: Any, restriction: TimeRestriction
    ) -> Any:
        info = super().next_dagrun_info(
            last_automated_data_interval=last_automated_data_interval, restriction=restriction
        )
        if info is not None and info.run_after == START:
            return self.next_dagrun_info(
                last_automated_data_interval=info.data_interval, restriction=restriction
            )
        return info


def test_a_timetable_is_named_in_the_plan_and_asked_elsewhere() -> None:
    plan = compiled(EveryOtherDay(hour=3))
    assert plan.schedule.args == {"path": f"{__name__}.EveryOtherDay", "data": {"hour": 3}}
    assert (plan.schedule.summary, plan.schedule.description) == (
        "EveryOtherDay",
        "Every other day",
    )
    assert not_yet(plan) == ()
    known = from_spec(plan.schedule)
    assert (known.can_be_scheduled, known.periodic) == (True, True)
    assert known.to_spec().args == plan.schedule.args
    lapsed = from_spec(compiled(Lapsed()).schedule)
    assert (lapsed.can_be_scheduled, lapsed.periodic) == (False, False)


def test_one_beside_assets_is_named_as_well() -> None:
    schedule = AssetOrTimeSchedule(timetable=EveryOtherDay(hour=3), assets=[Asset("a")])
    known = from_spec(compiled(schedule).schedule)
    question = TimetableQuestion(manual_for=START)
    with pytest.raises(NotToldYet) as gap:
        known.manual_interval(run_after=START)
    assert gap.value.question == question
    own = own_of(schedule)
    assert own is not None
    known.tell(question, answer_question(own, question, START))
    assert known.manual_interval(run_after=START) == DataInterval(START - DAY, START)
    assert own_of(CronTriggerTimetable("@daily", timezone="UTC")) is None


def test_an_answer_names_all_runs_that_are_due_and_the_next() -> None:
    question = TimetableQuestion(earliest=START)
    said = answer_question(EveryOtherDay(), question, until=START + 4 * DAY)
    assert [info.run_after for info in said.runs] == [START + n * DAY for n in (1, 3, 5)]
    assert not said.are_all
    assert all(type(info.run_after) is datetime for info in said.runs)
    known = from_spec(compiled(EveryOtherDay()).schedule)
    known.tell(question, said)
    asked = {"earliest": START, "latest": None, "catchup": True, "now": START}
    first = known.next_run(last=None, **asked)
    assert first is not None
    assert known.next_run(last=first, **asked) == said.runs[1]
    with pytest.raises(NotToldYet) as gap:
        known.next_run(last=said.runs[2], **asked)
    assert gap.value.question.last == said.runs[2].data_interval


def test_without_catchup_it_is_asked_for_each_run() -> None:
    question = TimetableQuestion(earliest=START, catchup=False)
    assert len(answer_question(EveryOtherDay(), question).runs) == 1
    assert len(answer_question(EveryOtherDay(), question, until=START + 4 * DAY).runs) == 3
    due = answer_question(EveryOtherDay(), TimetableQuestion(earliest=START)).runs
    assert due[-2].run_after <= datetime.now(UTC) < due[-1].run_after


def test_no_run_at_all_is_an_answer() -> None:
    question = TimetableQuestion()
    said = answer_question(EveryOtherDay(), question, until=START)
    assert said == TimetableAnswer(are_all=True)
    known = from_spec(compiled(EveryOtherDay()).schedule)
    known.tell(question, said)
    assert known.next_run(last=None, earliest=None, latest=None, catchup=True, now=START) is None


def test_what_its_code_raises_is_an_answer() -> None:
    class Broken(EveryOtherDay):
        def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
            raise KeyError("no such\n holiday")

        def next_dagrun_info(self, **_: Any) -> DagRunInfo | None:
            return DagRunInfo.exact(datetime(2024, 1, 1))

    manual = TimetableQuestion(manual_for=START)
    said = answer_question(Broken(), manual, START)
    assert said.error == "KeyError: 'no such\\n holiday'"
    assert "no time zone" in str(answer_question(Broken(), TimetableQuestion(), START).error)
    known = from_spec(compiled(EveryOtherDay()).schedule)
    known.tell(manual, said)
    with pytest.raises(InvalidSchedule, match="EveryOtherDay: KeyError"):
        known.manual_interval(run_after=START)


def test_one_that_does_not_move_on_is_told_so() -> None:
    class Stuck(EveryOtherDay):
        def next_dagrun_info(self, **_: Any) -> DagRunInfo | None:
            return DagRunInfo.exact(START)

    said = answer_question(Stuck(), TimetableQuestion(), START + DAY)
    assert "gives the same run again" in str(said.error)


def test_what_it_is_given_is_of_pendulum() -> None:
    given: list[Any] = []

    class Asks(EveryOtherDay):
        def next_dagrun_info(
            self, *, last_automated_data_interval: Any, restriction: TimeRestriction
        ) -> DagRunInfo | None:
            given.extend([last_automated_data_interval.start, restriction.earliest])
            return None

    question = TimetableQuestion(last=DataInterval(START, START + DAY), earliest=START)
    answer_question(Asks(), question, START)
    assert given == [START, START]
    assert all(isinstance(moment, pendulum.DateTime) for moment in given)


def test_a_subclass_of_one_of_ours_may_ask_it() -> None:
    question = TimetableQuestion(earliest=START)
    timetable = SkipsTheFirst("0 0 * * *", timezone="UTC")
    said = answer_question(timetable, question, START + 2 * DAY)
    assert [info.run_after for info in said.runs] == [START + n * DAY for n in (1, 2, 3)]
    manual = answer_question(timetable, TimetableQuestion(manual_for=START), START)
    assert manual.runs[0].data_interval == DataInterval.exact(START)


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
def test_a_weight_strategy_is_asked_about_each_try(rule: Any) -> None:
    plan = compiled(weight_rule=rule, priority_weight=7)
    (task,) = plan.tasks
    assert task.weight_rule == f"{__name__}.Impatient"
    assert [task.weight_of(number) for number in range(6)] == [2, 2, 4, 6, 6, 6]
    assert (task.priority_weight, task.retry_weights) == (2, (4, 6)), "what repeats is left out"
    assert (task.own_priority_weight, not_yet(plan)) == (7, ())
    assert Impatient.deserialize(Impatient().serialize()) == Impatient()


def test_a_strategy_that_does_not_read_the_try_is_asked_once() -> None:
    asked = []

    class ByPool(PriorityWeightStrategy):
        def get_weight(self, ti: Any) -> int:
            asked.append((ti.dag_id, ti.task_id, ti.task.owner, ti.max_tries, ti.operator))
            return 2**40 if ti.pool == "fast" else ti.task.priority_weight

    (task,) = compiled(weight_rule=ByPool(), pool="fast", retries=3).tasks
    assert (task.priority_weight, task.retry_weights) == (2**31 - 1, ())
    assert asked == [("d", "t", "airflow", 3, "BaseOperator")]
    assert compiled(weight_rule=ByPool(), priority_weight=5).tasks[0].priority_weight == 5


@pytest.mark.parametrize("kind", ["attribute", "default"])
def test_a_strategy_that_reads_the_run_loads_and_is_not_run(kind: str) -> None:
    class ByRun(PriorityWeightStrategy):
        def get_weight(self, ti: Any) -> int:
            return len(ti.run_id if kind == "attribute" else getattr(ti, "run_id", ""))

    plan = compiled(weight_rule=ByRun())
    assert not_yet(plan) == ("task t uses a weight strategy that reads the run_id of an instance",)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (1 / 3, "task 't': its weight strategy must give a whole number, not 0.3333"),
        (ValueError("odd"), "task 't': its weight strategy failed: ValueError: odd"),
    ],
)
def test_a_strategy_that_fails_is_an_error_of_the_file(given: Any, message: str) -> None:
    class Fails(PriorityWeightStrategy):
        def get_weight(self, ti: Any) -> int:
            if isinstance(given, Exception):
                raise given
            return given  # type: ignore[no-any-return]

    with pytest.raises(InvalidDag, match=message) as caught:
        compiled(weight_rule=Fails())
    assert caught.value.site.file == __file__


def test_what_is_no_strategy_is_refused() -> None:
    with pytest.raises(InvalidDag, match="'object' object has no attribute 'get_weight'"):
        compiled(weight_rule=object())
    with pytest.raises(ValueError, match=r"strategy nosuch\.Rule cannot be imported: No module"):
        compiled(weight_rule="nosuch.Rule")
    with pytest.raises(ValueError, match=r"cannot be imported: .* no attribute 'Missing'"):
        compiled(weight_rule=f"{__name__}.Missing")


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


@pytest.mark.parametrize("schedule", ["* * * * *", "0 0 * * *", timedelta(minutes=1)])
def test_a_timetable_is_asked_in_pendulums_moments(schedule: Any) -> None:
    noon = pendulum.datetime(2024, 1, 2, 12, tz="Europe/Paris")
    timetable = DAG("d", schedule=schedule, start_date=START).timetable
    covered = DataInterval(noon, noon)
    ended = TimeRestriction(None, noon - timedelta(microseconds=1), True)
    assert (
        timetable.next_dagrun_info(last_automated_data_interval=covered, restriction=ended) is None
    )
    info = timetable.next_dagrun_info(
        last_automated_data_interval=covered, restriction=TimeRestriction(noon, None, True)
    )
    assert noon < info.run_after <= noon + DAY
    start, end = timetable.infer_manual_data_interval(run_after=noon)
    assert start <= end <= noon

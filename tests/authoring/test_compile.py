"""DAG -> Plan: every field, the weights, and the mistakes that only the whole DAG shows."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pendulum
import pytest

from tradewind import DAG, CronTriggerTimetable, Label, Param, TaskGroup
from tradewind.authoring import configuration
from tradewind.authoring.compile import compile_dag
from tradewind.authoring.errors import AirflowDagCycleException
from tradewind.config.settings import Core, Scheduler, Settings
from tradewind.core.abilities import not_yet
from tradewind.integrations.standard import BashOperator, EmptyOperator
from tradewind.model.codec import from_data, to_data
from tradewind.model.errors import InvalidDag, UserError
from tradewind.model.plan import Plan, TaskPlan
from tradewind.timetables import from_spec

START = datetime(2024, 1, 1, tzinfo=UTC)


def plan_of(dag: DAG) -> Plan:
    return compile_dag(dag, defaults=Core())


def task_of(dag: DAG, task_id: str = "t") -> TaskPlan:
    return next(task for task in plan_of(dag).tasks if task.task_id == task_id)


def test_a_plan_says_all_and_survives_json() -> None:
    with DAG(
        "d",
        schedule="0 6 * * *",
        start_date=datetime(2024, 1, 1, tzinfo=ZoneInfo("Europe/Paris")),
        catchup=True,
        dagrun_timeout=timedelta(minutes=5),
        tags=["b", "a"],
        params={"n": Param(1, type="integer", description="how many")},
        owner_links={"me": "mailto:me@example.org"},
        doc_md="text",
        on_failure_callback=print,
    ) as dag:
        with TaskGroup("g", tooltip="tip"):
            first = BashOperator(task_id="a", bash_command="x", owner="me", retries=2, pool="p")
        last = EmptyOperator(task_id="b", trigger_rule="all_done", params={"m": 2})
        first >> Label("then") >> last
    plan = plan_of(dag)
    assert from_data(Plan, to_data(plan)) == plan
    assert (plan.timezone, plan.catchup, plan.dagrun_timeout_s) == ("Europe/Paris", True, 300.0)
    assert plan.start_date == datetime(2023, 12, 31, 23, tzinfo=UTC)
    assert (plan.schedule.kind, plan.schedule.summary) == ("cron_trigger", "0 6 * * *")
    assert (plan.tags, plan.owners) == (("a", "b"), ("airflow", "me"))
    assert plan.params["n"] == {
        "value": 1,
        "description": "how many",
        "schema": {"type": "integer"},
    }
    assert plan.edge_labels == {"g.a": {"b": "then"}}
    assert (plan.has_on_failure_callback, plan.has_on_success_callback) == (True, False)
    assert plan.max_active_tasks_per_run
    assert [group.group_id for group in plan.groups] == ["g"]
    one, two = plan.tasks
    assert (one.task_id, one.group_id, one.operator, one.retries, one.pool) == (
        "g.a",
        "g",
        "BashOperator",
        2,
        "p",
    )
    assert one.class_module == "airflow.providers.standard.operators.bash"
    assert (two.upstream, two.runs) == (("g.a",), False)
    assert two.params["m"]["value"] == 2


@pytest.mark.parametrize(
    ("arguments", "runs"),
    [
        ({}, False),
        ({"on_failure_callback": print}, False),
        ({"on_success_callback": print}, True),
        ({"on_execute_callback": print}, True),
        ({"outlets": ["x"]}, True),
        ({"pre_execute": print}, True),
    ],
)
def test_an_empty_operator_needs_a_process_only_for_what_happens_in_it(
    arguments: dict[str, Any], runs: bool
) -> None:
    with DAG("d") as dag:
        EmptyOperator(task_id="t", **arguments)
    assert task_of(dag).runs is runs


@pytest.mark.parametrize(
    ("rule", "weights"),
    [
        ("downstream", {"a": 1 + 2 + 3 + 4, "b": 2 + 4, "c": 3 + 4, "d": 4}),
        ("upstream", {"a": 1, "b": 2 + 1, "c": 3 + 1, "d": 4 + 1 + 2 + 3}),
        ("absolute", {"a": 1, "b": 2, "c": 3, "d": 4}),
    ],
)
def test_weight_rules_count_every_task_once(rule: str, weights: dict[str, int]) -> None:
    with DAG("diamond", default_args={"weight_rule": rule}) as dag:
        a, b, c, d = (
            EmptyOperator(task_id=name, priority_weight=number)
            for number, name in enumerate("abcd", 1)
        )
        a >> [b, c] >> d
    assert {task.task_id: task.priority_weight for task in plan_of(dag).tasks} == weights


def test_a_wide_and_long_dag_is_weighed_quickly() -> None:
    with DAG("wide") as dag:
        rows = [[EmptyOperator(task_id=f"t{r}_{c}") for c in range(10)] for r in range(100)]
        for above, below in pairwise(rows):
            for task in above:
                task >> below
    assert plan_of(dag).tasks[0].priority_weight == 991


def test_a_task_starts_when_it_and_its_dag_may() -> None:
    late, early = START + timedelta(days=9), START - timedelta(days=9)
    with DAG("d", start_date=START, end_date=late) as dag:
        EmptyOperator(task_id="plain")
        EmptyOperator(task_id="late", start_date=late)
        EmptyOperator(task_id="early", start_date=early, end_date=late + timedelta(days=1))
    assert task_of(dag, "plain").start_date is None
    assert task_of(dag, "late").start_date == late
    assert (task_of(dag, "early").start_date, task_of(dag, "early").end_date) == (None, None)
    assert [task.start_date for task in dag.tasks] == [START, late, START]
    assert {task.end_date for task in dag.tasks} == {late}


def test_moments_are_pythons_own() -> None:
    with DAG("d", start_date=pendulum.datetime(2024, 1, 1, tz="Asia/Tokyo")) as dag:
        EmptyOperator(task_id="t", end_date=pendulum.datetime(2025, 1, 1))
    plan = plan_of(dag)
    assert type(plan.start_date) is type(plan.tasks[0].end_date) is datetime
    assert plan.timezone == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("schedule", "kind"),
    [
        (None, "null"),
        ("@once", "once"),
        ("@daily", "cron_trigger"),
        (timedelta(hours=6), "delta_trigger"),
        (CronTriggerTimetable("0 0 * * *", timezone="UTC"), "cron_trigger"),
    ],
)
def test_schedules(schedule: Any, kind: str) -> None:
    assert plan_of(DAG("d", schedule=schedule, start_date=START)).schedule.kind == kind


def test_without_a_schedule_nothing_is_scheduled() -> None:
    assert plan_of(DAG("d", start_date=START)).schedule.kind == "null"


def test_options_of_the_scheduler_count() -> None:
    scheduler = Scheduler(catchup_by_default=True, create_cron_data_intervals=True)
    configuration.use(Settings(home=Path("."), scheduler=scheduler))
    plan = plan_of(DAG("d", schedule="@daily", start_date=START))
    assert (plan.catchup, plan.schedule.kind) == (True, "cron_data_interval")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"schedule": "@dayly"}, "did you mean '@daily'"),
        ({"schedule": "61 * * * *"}, "61"),
        ({"schedule": 5}, "schedule=5"),
        ({"schedule": "@daily", "catchup": True}, "no start_date"),
        ({"schedule": "@continuous"}, "max_active_runs=1"),
        ({"schedule": "@daily", "params": {"n": Param(type="integer")}}, "param 'n'"),
    ],
)
def test_a_schedule_that_cannot_be_followed_is_refused_at_its_line(
    arguments: dict[str, Any], message: str
) -> None:
    dag = DAG("d", **arguments)
    with pytest.raises(InvalidDag, match=rf"DAG 'd'.*{message}") as caught:
        plan_of(dag)
    assert caught.value.site == dag.site  # type: ignore[attr-defined]
    assert dag.site.file == __file__


def test_a_circle_is_refused_at_a_line_of_one_of_its_tasks() -> None:
    with DAG("d") as dag:
        a, b = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")
        a >> b >> a
    with pytest.raises(AirflowDagCycleException) as caught:
        plan_of(dag)
    assert isinstance(caught.value, UserError)
    assert caught.value.site == a._site


def test_what_cannot_run_yet_is_refused_by_core() -> None:
    with DAG("d") as dag:
        EmptyOperator(task_id="other", run_as_user="me")
    assert not_yet(plan_of(dag)) == ("task other uses run_as_user",)


class TestProfile2:
    """The meanings of 2.x for a DAG whose file only 2.x takes."""

    def test_it_is_decided_by_a_line_of_the_file(self) -> None:
        plan = plan_of(DAG("d", schedule_interval="@daily", start_date=START))
        assert plan.profile == 2
        assert plan.profile_reason.startswith("test_compile.py:")
        assert "passes schedule_interval to DAG" in plan.profile_reason

    def test_intervals_catchup_and_limits_are_spelled_out(self) -> None:
        plan = plan_of(DAG("d", schedule_interval="@daily", start_date=START))
        assert plan.schedule.kind == "cron_data_interval"
        assert (plan.catchup, plan.max_active_tasks_per_run) == (True, False)
        assert plan.manual_run_is_dated
        delta = DAG("d", schedule_interval=timedelta(days=1), start_date=START)
        assert plan_of(delta).schedule.kind == "delta_data_interval"

    def test_catchup_that_is_given_counts(self) -> None:
        dag = DAG("d", schedule_interval="@daily", start_date=START, catchup=False)
        assert not plan_of(dag).catchup

    def test_a_dag_without_schedule_is_daily(self) -> None:
        assert plan_of(DAG("d", concurrency=1, start_date=START)).schedule.args == {
            "delta": 86400.0
        }
        never_due = plan_of(DAG("d", concurrency=1))
        assert (never_due.schedule.kind, never_due.catchup) == ("delta_data_interval", True)
        assert (
            from_spec(never_due.schedule).next_run(
                last=None, earliest=None, latest=None, catchup=True, now=START
            )
            is None
        )

    @pytest.mark.parametrize(
        ("option", "kind"), [("2", "cron_data_interval"), ("3", "cron_trigger")]
    )
    def test_the_option_decides_first(self, option: str, kind: str) -> None:
        configuration.use(Settings(home=Path("."), core=Core(dag_profile=option)))
        plan = plan_of(DAG("d", schedule="@daily", start_date=START))
        assert (plan.profile, plan.schedule.kind) == (int(option), kind)
        assert plan.profile_reason == f"option core.dag_profile = {option}"


def test_a_growing_retry_delay_ends_at_the_limit_for_all() -> None:
    with DAG("d", schedule=None) as dag:
        EmptyOperator(task_id="constant", max_retry_delay=900)
        EmptyOperator(task_id="grows", retry_exponential_backoff=2)
        EmptyOperator(task_id="own", retry_exponential_backoff=2, max_retry_delay=60)
    plan = compile_dag(dag, defaults=Core(max_task_retry_delay=600))
    limits = {task.task_id: task.max_retry_delay_s for task in plan.tasks}
    assert limits == {"constant": 900, "grows": 600, "own": 60}

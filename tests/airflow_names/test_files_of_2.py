"""Files of 1.10 and 2.x, unmodified: each old argument, name and idiom means what it meant."""

import sys
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.core.world import World
from tradewind.authoring import configuration, dag_file
from tradewind.authoring.compile import compile_dag
from tradewind.authoring.dag import DAG
from tradewind.authoring.old_names import (
    date_range,
    infer_time_unit,
    round_time,
    scale_time_units,
)
from tradewind.config.settings import Core, Operators, Settings
from tradewind.model.keys import RunKey
from tradewind.model.plan import Plan, TaskPlan, TriggerRule
from tradewind.model.snapshots import DagSnapshot
from tradewind.model.states import RunState
from tradewind.testing.engine import run_dag

START = datetime(2024, 1, 1, tzinfo=UTC)
HEAD = """\
from datetime import datetime, timedelta
from airflow import DAG
from airflow.operators.bash_operator import BashOperator
from airflow.operators.dummy_operator import DummyOperator
from airflow.operators.python_operator import PythonOperator
"""
BARE = "from datetime import datetime, timedelta\nfrom airflow.sdk import DAG, task\n"


@pytest.fixture(autouse=True)
def _old_files_warn() -> Iterator[None]:
    before = list(sys.path)
    configuration.use(None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield
    sys.path[:] = before
    configuration.use(None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "old.py"


def dag_of(path: Path, source: str, head: str = HEAD) -> DAG:
    path.write_text(head + source)
    (dag,) = dag_file.load(path, dags_folder=path.parent).dags
    return dag


def plan_of(path: Path, source: str, head: str = HEAD) -> Plan:
    return compile_dag(dag_of(path, source, head), defaults=Core())


def task_of(plan: Plan, task_id: str = "t") -> TaskPlan:
    (found,) = [task for task in plan.tasks if task.task_id == task_id]
    return found


def returned(path: Path, source: str, head: str = HEAD, **arguments: Any) -> dict[str, Any]:
    """What the tasks returned, of a run through the engine."""
    path.write_text(head + source)
    folder = path.parent
    settings = Settings(home=folder, core=Core(dags_folder=folder, plugins_folder=folder / "p"))
    result = run_dag(path, settings=settings, **arguments)
    assert result.state is RunState.SUCCESS
    return {key.task_id: values.get("return_value") for key, values in result.xcoms.items()}


def world_of(path: Path, source: str, head: str = HEAD) -> World:
    plan = plan_of(path, source, head)
    return World(
        DagSnapshot(plan=plan, version=1, fileloc=str(path), code_hash="c", is_paused=False)
    )


class TestDag:
    def test_old_arguments_have_todays_meaning(self, path: Path) -> None:
        plan = plan_of(
            path,
            "dag = DAG('d', schedule_interval='0 6 * * *', start_date=datetime(2024, 1, 1),\n"
            "          concurrency=3, fail_stop=True, default_view='tree', orientation='LR',\n"
            "          full_filepath='/x', access_control={'r': {'can_read'}})\n"
            "DummyOperator(task_id='t', dag=dag)\n",
        )
        assert (plan.schedule.args["expression"], plan.max_active_tasks) == ("0 6 * * *", 3)
        assert (plan.fail_fast, plan.max_active_tasks_per_run, plan.catchup) == (True, False, True)

    def test_a_timetable_is_a_schedule(self, path: Path) -> None:
        plan = plan_of(
            path,
            "from airflow.timetables.interval import CronDataIntervalTimetable\n"
            "dag = DAG('d', timetable=CronDataIntervalTimetable('@daily', 'UTC'),\n"
            "          start_date=datetime(2024, 1, 1))\n"
            "DummyOperator(task_id='t', dag=dag)\n",
        )
        assert plan.schedule.kind == "cron_data_interval"

    def test_arguments_without_a_name(self, path: Path) -> None:
        plan = plan_of(
            path, "dag = DAG('d', 'It loads.', '@daily', datetime(2024, 1, 1))\n", head=BARE
        )
        assert (plan.description, plan.start_date) == ("It loads.", START)
        assert (plan.schedule.kind, plan.profile) == ("cron_data_interval", 2)
        assert plan.profile_reason == "old.py:3 passes arguments without a name to DAG"

    def test_too_many_of_them_are_refused(self, path: Path) -> None:
        with pytest.raises(TypeError, match="name the arguments after the dag_id"):
            dag_of(path, "DAG('d', 'a', '@daily', None, None, '/x')\n")

    def test_several_schedules_are_refused_and_none_is_no_schedule(self, path: Path) -> None:
        with pytest.raises(ValueError, match="keep one of schedule_interval, schedule"):
            dag_of(path, "DAG('d', schedule_interval='@daily', schedule='@hourly')\n")
        both = "dag = DAG('d', schedule_interval=None, schedule='@daily')\n"
        assert plan_of(path, both).schedule.args["expression"] == "@daily"

    def test_default_args_may_hold_dates_as_text(self, path: Path) -> None:
        plan = plan_of(
            path,
            "dag = DAG('d', default_args={'start_date': '2024-01-01', 'end_date': '2024-02-01'},\n"
            "          schedule_interval='@daily')\n"
            "DummyOperator(task_id='t', dag=dag)\n",
        )
        assert (plan.start_date, plan.end_date) == (START, datetime(2024, 2, 1, tzinfo=UTC))

    def test_days_ago(self, path: Path) -> None:
        dag = dag_of(
            path,
            "from airflow.utils.dates import days_ago\n"
            "dag = DAG('d', start_date=days_ago(2, hour=3), schedule_interval='@once')\n",
        )
        assert dag.start_date is not None
        assert (dag.start_date.hour, dag.start_date.minute) == (3, 0)
        age = datetime.now(UTC).date() - dag.start_date.date()
        assert timedelta(days=2) <= age <= timedelta(days=3), "midnight may pass meanwhile"

    def test_dates_of_a_range(self) -> None:
        """As 2.11.2 gives them: start_date is one of them, whatever the cron expression says."""
        from_five = START + timedelta(hours=5)
        day = timedelta(days=1)
        assert date_range(START, num=3, delta=day) == [START, START + day, START + 2 * day]
        assert date_range(START, num=-2, delta=day) == [START - day, START]
        assert date_range(from_five, num=2, delta="0 0 * * *") == [from_five, START + day]
        assert date_range(START, START + day, delta="@daily") == [START, START + day]
        assert date_range(START) == []
        with pytest.raises(ValueError, match="not both"):
            date_range(START, START, num=1, delta=day)

    def test_round_time(self) -> None:
        hour = timedelta(hours=1)
        assert round_time(START + timedelta(minutes=20), hour) == START
        assert round_time(START + timedelta(minutes=30), hour) == START + hour

    def test_units_of_time(self) -> None:
        units = {120: "seconds", 121: "minutes", 7200: "minutes", 7201: "hours", 172801: "days"}
        assert {length: infer_time_unit([1, length]) for length in units} == units
        assert infer_time_unit([]) == "hours"
        assert scale_time_units([90, 60], "minutes") == [1.5, 1]
        assert scale_time_units([3600], "hours") == scale_time_units([86400], "days") == [1]
        assert scale_time_units([3], "seconds") == [3]

    def test_old_attributes(self, path: Path) -> None:
        dag = dag_of(
            path, "dag = DAG('d', schedule_interval='@daily', start_date=datetime(2024, 1, 1))\n"
        )
        assert (dag.schedule_interval, dag.normalized_schedule_interval) == ("@daily", "0 0 * * *")
        assert dag.following_schedule(START) == START + timedelta(days=1)
        assert dag.following_schedule(START + timedelta(hours=1)) == START + timedelta(days=1)
        assert dag.previous_schedule(START) == START - timedelta(days=1)
        assert (dag.concurrency, dag.fail_stop, dag.is_subdag) == (16, False, False)
        assert (dag.filepath, dag.full_filepath) == ("old.py", str(path))

    def test_profile_3_has_none_of_them(self, path: Path) -> None:
        dag = dag_of(path, "dag = DAG('d', schedule='@daily')\n", head=BARE)
        assert not hasattr(dag, "schedule_interval")
        with pytest.raises(AttributeError, match="'DAG' object has no attribute 'concurrency'"):
            dag.concurrency  # noqa: B018

    def test_what_stands_under_main_is_not_run(self, path: Path) -> None:
        source = "dag = DAG('d', schedule_interval=None)\nif __name__ == '__main__':\n"
        assert plan_of(path, source + "    dag.clear()\n    dag.cli()\n").dag_id == "d"


class TestTasks:
    def test_old_arguments_have_todays_meaning(self, path: Path) -> None:
        plan = plan_of(
            path,
            "dag = DAG('d', schedule_interval=None, start_date=datetime(2024, 1, 1))\n"
            "DummyOperator(task_id='t', dag=dag, task_concurrency=2, adhoc=False,\n"
            "              schedule_interval='@daily', resources={'cpus': 1},\n"
            "              retry_exponential_backoff=True, max_retry_delay=timedelta(hours=1),\n"
            "              depends_on_past=False, inlets={'auto': True})\n",
        )
        found = task_of(plan)
        assert (found.max_active_tis_per_dag, found.retry_backoff) == (2, 2.0)

    def test_unknown_arguments_are_left_out_where_an_option_says_so(
        self, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        source = "dag = DAG('d')\nDummyOperator(task_id='t', dag=dag, made_up=3)\n"
        with pytest.raises(TypeError, match="made_up=3"):
            dag_of(path, source)
        lenient = Operators(allow_illegal_arguments=True)
        configuration.use(Settings(home=path.parent, operators=lenient))
        assert dag_of(path, source).task_ids == ["t"]
        assert "made_up=3" in caplog.text

    @pytest.mark.parametrize(
        ("said", "rule"),
        [
            ("'dummy'", TriggerRule.ALWAYS),
            ("'none_failed_or_skipped'", TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS),
            ("TriggerRule.DUMMY", TriggerRule.ALWAYS),
            ("TriggerRule.NONE_FAILED_OR_SKIPPED", TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS),
        ],
    )
    def test_old_trigger_rules(self, path: Path, said: str, rule: TriggerRule) -> None:
        plan = plan_of(
            path,
            "from airflow.utils.trigger_rule import TriggerRule\n"
            "dag = DAG('d')\n"
            f"DummyOperator(task_id='t', dag=dag, trigger_rule={said})\n",
        )
        assert task_of(plan).trigger_rule is rule

    def test_default_args_reach_operators_and_unknown_ones_are_left(self, path: Path) -> None:
        plan = plan_of(
            path,
            "args = {'owner': 'me', 'depends_on_past': False, 'start_date': datetime(2024, 1, 1),\n"
            "        'email': ['a@b.c'], 'email_on_failure': False, 'retries': 3,\n"
            "        'retry_delay': timedelta(minutes=7), 'queue': 'bulk', 'whatever': 1}\n"
            "dag = DAG('d', default_args=args, schedule_interval=None)\n"
            "DummyOperator(task_id='t', dag=dag)\n",
        )
        found = task_of(plan)
        assert (found.owner, found.retries, found.retry_delay_s) == ("me", 3, 420)
        assert (found.queue, plan.start_date) == ("bulk", START)

    def test_wiring_of_1_10(self, path: Path) -> None:
        plan = plan_of(
            path,
            "from airflow.utils.helpers import chain, cross_downstream\n"
            "dag = DAG('d', schedule_interval=None)\n"
            "t = [DummyOperator(task_id='t%d' % n, dag=dag) for n in range(8)]\n"
            "chain(t[0], [t[1], t[2]], [t[3], t[4]], t[5])\n"
            "cross_downstream([t[0]], [t[6], t[7]])\n"
            "t[6] >> [t[5]]\n"
            "t[7].set_downstream(t[5])\n"
            "dag >> DummyOperator(task_id='late') >> t[0]\n",
        )
        upstream = {task.task_id: task.upstream for task in plan.tasks}
        assert upstream["t3"] == ("t1",)
        assert upstream["t5"] == ("t3", "t4", "t6", "t7")
        assert upstream["t0"] == ("late",)

    def test_the_context_by_provide_context(self, path: Path) -> None:
        source = (
            "dag = DAG('d', start_date=datetime(2024, 1, 1), schedule_interval='@daily')\n"
            "def f(**kwargs):\n"
            "    return [kwargs[k] for k in ('ds', 'yesterday_ds', 'tomorrow_ds')] + [\n"
            "        kwargs['execution_date'].isoformat(), kwargs['prev_ds'],\n"
            "        kwargs['ti'].execution_date == kwargs['dag_run'].execution_date]\n"
            "def g(ds, execution_date, ti, x, **_):\n"
            "    return [ds, execution_date.day, ti.xcom_pull(task_ids='f')[0], x]\n"
            "a = PythonOperator(task_id='f', python_callable=f, provide_context=True, dag=dag)\n"
            "b = PythonOperator(task_id='g', python_callable=g, provide_context=True,\n"
            "                   op_kwargs={'x': 1}, dag=dag)\n"
            "a.set_downstream(b)\n"
        )
        found = returned(path, source, logical_date=datetime(2024, 3, 5, tzinfo=UTC))
        days = ["2024-03-05", "2024-03-04", "2024-03-06"]
        assert found["f"] == [*days, "2024-03-05T00:00:00+00:00", "2024-03-04", True]
        assert found["g"] == ["2024-03-05", 5, "2024-03-05", 1]

    def test_a_function_may_need_the_execution_date(self, path: Path) -> None:
        source = (
            "@task\ndef f(execution_date):\n    return execution_date.day\n"
            "with DAG('d', start_date=datetime(2024, 1, 1)):\n    f()\n"
        )
        day = datetime(2024, 3, 5, tzinfo=UTC)
        assert returned(path, source, head=BARE, logical_date=day) == {"f": 5}
        assert plan_of(path, source, head=BARE).profile_reason == (
            "old.py:7 has f() ask for execution_date"
        )

    def test_templates_of_1_10(self, path: Path) -> None:
        source = (
            "dag = DAG('d', schedule_interval='@daily', start_date=datetime(2024, 1, 1))\n"
            "BashOperator(task_id='t', dag=dag, xcom_push=True, bash_command='echo "
            '"{{ execution_date.strftime("%Y") }} {{ prev_ds }} {{ next_ds }} {{ END_DATE }} '
            "{{ dag.following_schedule(execution_date) | ds }} "
            '{{ conf.get("core", "default_timezone") }} {{ yesterday_ds_nodash }}"\')\n'
        )
        found = returned(path, source, logical_date=datetime(2024, 3, 5, tzinfo=UTC))
        assert found == {"t": "2024 2024-03-04 2024-03-05 2024-03-05 2024-03-06 utc 20240304"}

    def test_bash_ends_as_skipped_by_the_old_name(self, path: Path) -> None:
        source = (
            "dag = DAG('d', schedule_interval=None)\n"
            "BashOperator(task_id='t', dag=dag, bash_command='exit 7', skip_exit_code=7)\n"
        )
        assert returned(path, source) == {}

    def test_an_operator_of_ones_own(self, path: Path) -> None:
        source = (
            "from airflow.models import BaseOperator\n"
            "from airflow.utils.decorators import apply_defaults\n"
            "class Own(BaseOperator):\n"
            "    template_fields = ['x']\n"
            "    @apply_defaults\n"
            "    def __init__(self, x, y=2, *args, **kwargs):\n"
            "        super(Own, self).__init__(*args, **kwargs)\n"
            "        self.x, self.y = x, y\n"
            "    def execute(self, context):\n"
            "        self.xcom_push(context, 'k', 3)\n"
            "        context['ti'].xcom_push('z', 4, execution_date=context['execution_date'])\n"
            "        return [self.x, self.y, self.xcom_pull(context, task_ids='t', key='k')]\n"
            "dag = DAG('d', default_args={'y': 5}, schedule_interval=None)\n"
            "Own(x='{{ ds }} {{ params.p }}', task_id='t', dag=dag, params={'p': 1})\n"
        )
        found = returned(path, source, logical_date=datetime(2024, 3, 5, tzinfo=UTC))
        assert found == {"t": ["2024-03-05 1", 5, 3]}

    def test_what_a_task_asked_of_its_instance_and_run(self, path: Path) -> None:
        source = (
            "def f(ti, dag_run, **_):\n"
            "    return [ti.key.task_id, ti.operator, ti.pool, ti.pid > 0, ti.job_id, ti.note,\n"
            "            ti.duration >= 0, ti.get_dagrun().run_id == dag_run.run_id,\n"
            "            dag_run.external_trigger, dag_run.is_backfill, dag_run.dag.dag_id,\n"
            "            [[one.task_id, one.state] for one in dag_run.get_task_instances()],\n"
            "            dag_run.get_task_instance('a').current_state(),\n"
            "            dag_run.get_task_instance('none'), ti.previous_ti,\n"
            "            ti.get_previous_execution_date(), dag_run.get_previous_dagrun()]\n"
            "dag = DAG('d', schedule_interval=None)\n"
            "a = DummyOperator(task_id='a', dag=dag)\n"
            "a >> PythonOperator(task_id='t', python_callable=f, dag=dag)\n"
        )
        (found,) = returned(path, source).values()
        of_instance = ["t", "PythonOperator", "default_pool", True, None, None, True, True]
        assert found[:8] == of_instance
        of_run = [False, False, "d", [["a", "success"], ["t", "running"]], "success"]
        assert found[8:13] == of_run
        assert found[13:] == [None, None, None, None]


class TestMeanings:
    """Where 2.x and 3.x differ, by what runs."""

    TWO_TASKS = (
        "BashOperator(task_id='a', bash_command='x', dag=dag)\n"
        "BashOperator(task_id='b', bash_command='x', dag=dag)\n"
    )
    NEW = BARE + "from airflow.providers.standard.operators.bash import BashOperator\n"

    def test_concurrency_counts_over_the_dag_in_profile_2(self, path: Path) -> None:
        world = world_of(path, f"dag = DAG('d', concurrency=1)\n{self.TWO_TASKS}")
        world.trigger("r1")
        world.trigger("r2", run_after=world.now + timedelta(seconds=-1))
        assert len(world.attempts) == 1

    def test_and_in_each_run_in_profile_3(self, path: Path) -> None:
        source = f"dag = DAG('d', max_active_tasks=1)\n{self.TWO_TASKS}"
        world = world_of(path, source, self.NEW)
        world.trigger("r1")
        world.trigger("r2")
        assert len(world.attempts) == 2

    def test_a_manual_run_has_a_date_in_profile_2_only(self, path: Path) -> None:
        world = world_of(path, f"dag = DAG('d', concurrency=9)\n{self.TWO_TASKS}")
        world.trigger("r")
        assert world.runs[RunKey("d", "r")].logical_date == world.now
        world = world_of(path, f"dag = DAG('d')\n{self.TWO_TASKS}", self.NEW)
        world.trigger("r")
        assert world.runs[RunKey("d", "r")].logical_date is None

    PULL = (
        "with DAG('d'{}) as dag:\n"
        "    @task\n    def a(ti=None):\n        ti.xcom_push('k', 'from a')\n"
        "    @task\n    def b(ti=None):\n        return ti.xcom_pull(key='k')\n"
        "    a() >> b()\n"
    )

    def test_xcom_pull_without_a_task_reads_any_in_profile_2(self, path: Path) -> None:
        assert returned(path, self.PULL.format(", concurrency=9"), BARE)["b"] == "from a"

    def test_and_its_own_in_profile_3(self, path: Path) -> None:
        assert "b" not in returned(path, self.PULL.format(""), BARE)

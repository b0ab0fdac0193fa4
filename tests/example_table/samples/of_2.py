"""A file as people wrote them for 2.x: TaskFlow, sensors, branching, mapping, set-up and tear-down."""

from __future__ import annotations

import datetime
import sys

import pendulum

from airflow import XComArg
from airflow.configuration import conf
from airflow.decorators import dag, setup, task, task_group, teardown
from airflow.exceptions import AirflowSkipException
from airflow.models.baseoperator import BaseOperator, chain
from airflow.models.dag import DAG
from airflow.models.dagrun import DagRun
from airflow.models.param import Param, ParamsDict
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom_arg import XComArg as XComArgument
from airflow.operators.bash import BashOperator
from airflow.operators.datetime import BranchDateTimeOperator
from airflow.operators.email import EmailOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.latest_only import LatestOnlyOperator
from airflow.operators.python import (
    BranchExternalPythonOperator,
    BranchPythonOperator,
    BranchPythonVirtualenvOperator,
    ExternalPythonOperator,
    PythonOperator,
    PythonVirtualenvOperator,
    ShortCircuitOperator,
    get_current_context,
    is_venv_installed,
)
from airflow.operators.subdag import SubDagOperator
from airflow.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.operators.weekday import BranchDayOfWeekOperator
from airflow.sensors.base import PokeReturnValue
from airflow.sensors.bash import BashSensor
from airflow.sensors.external_task import ExternalTaskMarker, ExternalTaskSensor
from airflow.sensors.filesystem import FileSensor
from airflow.sensors.python import PythonSensor
from airflow.sensors.time_delta import TimeDeltaSensor, TimeDeltaSensorAsync
from airflow.sensors.time_sensor import TimeSensor, TimeSensorAsync
from airflow.sensors.weekday import DayOfWeekSensor
from airflow.timetables.trigger import CronTriggerTimetable
from airflow.utils.context import Context
from airflow.utils.edgemodifier import Label
from airflow.utils.state import TaskInstanceState
from airflow.utils.task_group import TaskGroup
from airflow.utils.trigger_rule import TriggerRule
from airflow.utils.weekday import WeekDay

START = pendulum.datetime(2024, 1, 1, tz="Europe/Rome")
assert (XComArg is XComArgument, conf.get("core", "parallelism")) == (True, "32")


class Weigh(BaseOperator):
    template_fields = ("what",)

    def __init__(self, *, what: str, **kwargs) -> None:
        super().__init__(**kwargs)
        self.what = what

    def execute(self, context: Context) -> int:
        run: DagRun = context["dag_run"]
        ti: TaskInstance = context["ti"]
        assert ti.state == TaskInstanceState.RUNNING
        return len(self.what) + len(run.run_id)


def choose():
    return get_current_context()["params"]["branch"]


def empty(**_):
    raise AirflowSkipException("nothing today")


with DAG(
    "market",
    schedule=CronTriggerTimetable("0 6 * * 1-5", timezone="Europe/Rome"),
    start_date=START,
    catchup=False,
    tags=["sample"],
    params={"branch": Param("fruit", type="string", enum=["fruit", "fish"])},
    sla_miss_callback=print,
) as market:
    opened = LatestOnlyOperator(task_id="opened")
    at_dawn = BranchDateTimeOperator(
        task_id="at_dawn",
        follow_task_ids_if_true=["which"],
        follow_task_ids_if_false=["closed"],
        target_lower=datetime.time(4),
        target_upper=datetime.time(9),
    )
    on_friday = BranchDayOfWeekOperator(
        task_id="on_friday",
        follow_task_ids_if_true="fish",
        follow_task_ids_if_false="fruit",
        week_day={WeekDay.FRIDAY, "saturday"},
        use_task_execution_day=True,
    )
    which = BranchPythonOperator(task_id="which", python_callable=choose)
    fruit = Weigh(task_id="fruit", what="{{ params.branch }}", sla=datetime.timedelta(hours=1))
    fish = PythonOperator(task_id="fish", python_callable=empty)
    closed = EmptyOperator(task_id="closed")
    done = EmptyOperator(task_id="done", trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
    opened >> at_dawn >> Label("early") >> which >> [fruit, fish] >> done
    at_dawn >> Label("late") >> closed >> on_friday >> [fruit, fish]
    with TaskGroup("tell", tooltip="Who is told") as tell:
        EmailOperator(task_id="mail", to="a@b.test", subject="{{ ds }}", html_content="<p>Open</p>")
        TriggerDagRunOperator(task_id="run", trigger_dag_id="waiting", conf={"from": "market"})
        ExternalTaskMarker(task_id="mark", external_dag_id="waiting", external_task_id="market")
    done >> tell

with DAG("waiting", schedule="@daily", start_date=START, catchup=False) as waiting:
    chain(
        BashSensor(task_id="shell", bash_command="test -e /tmp/there", soft_fail=True, timeout=60),
        FileSensor(task_id="file", filepath="/tmp/there", deferrable=True),
        PythonSensor(task_id="python", python_callable=lambda: True, mode="reschedule"),
        TimeDeltaSensor(task_id="delta", delta=datetime.timedelta(minutes=5)),
        TimeDeltaSensorAsync(task_id="delta_async", delta=datetime.timedelta(minutes=5)),
        TimeSensor(task_id="time", target_time=datetime.time(5)),
        TimeSensorAsync(task_id="time_async", target_time=datetime.time(5)),
        DayOfWeekSensor(task_id="day", week_day=WeekDay.MONDAY),
        ExternalTaskSensor(
            task_id="market",
            external_dag_id="market",
            external_task_group_id="tell",
            allowed_states=["success"],
            failed_states=["failed"],
        ),
    )


def stock() -> DAG:
    with DAG("taskflow.stock", schedule=None, start_date=START) as inner:
        EmptyOperator(task_id="count") >> EmptyOperator(task_id="order")
    return inner


@dag(schedule=None, start_date=START, catchup=False, params=ParamsDict({"many": 3}))
def taskflow():
    @setup
    def rent() -> str:
        return "stall 7"

    @teardown
    def leave(stall: str) -> None: ...

    @task(multiple_outputs=True)
    def goods(many: int) -> dict[str, list[int]]:
        return {"prices": [many] * 2, "weights": [1, 2]}

    @task
    def prices(offered: list[int]) -> list[int]:
        return sorted(offered)

    @task
    def pay(price: int, weight: int = 1) -> int:
        return price * weight

    @task.branch
    def follow() -> list[str]:
        return ["sell"]

    @task.short_circuit(ignore_downstream_trigger_rules=False)
    def go_on() -> bool:
        return True

    @task.sensor(poke_interval=30, mode="reschedule")
    def customers() -> PokeReturnValue:
        return PokeReturnValue(is_done=True, xcom_value=4)

    @task.bash(env={"STALL": "7"}, append_env=True)
    def sign() -> str:
        return "echo stall $STALL"

    @task_group(prefix_group_id=False)
    def sell(price: int):
        return pay.override(task_id="sold")(price, weight=2)

    offered = goods(3)
    stall = rent()
    with stall >> leave(stall):
        pay.partial(weight=3).expand(price=prices(offered["prices"])) >> sign()
        BashOperator.partial(task_id="carry").expand(bash_command=["echo 1", "echo 2"])
    customers() >> go_on() >> follow() >> sell(offered["weights"])
    SubDagOperator(task_id="stock", subdag=stock())


taskflow()

with DAG("elsewhere", schedule=None, start_date=START) as elsewhere:
    assert is_venv_installed()

    def there():
        return "there"

    PythonVirtualenvOperator(task_id="venv", python_callable=there, requirements=["six"])
    ExternalPythonOperator(task_id="python", python_callable=there, python=sys.executable)
    BranchPythonVirtualenvOperator(task_id="branch_venv", python_callable=there)
    BranchExternalPythonOperator(
        task_id="branch_python", python_callable=there, python=sys.executable
    )
    ShortCircuitOperator(task_id="short", python_callable=there, provide_context=True)

    @task.virtualenv(requirements=["six"], system_site_packages=False)
    def venv_here(): ...

    @task.external_python(python=sys.executable, expect_airflow=False)
    def python_here(): ...

    venv_here() >> python_here()

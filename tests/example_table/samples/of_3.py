"""A file as people write them for 3.x: everything from airflow.sdk and the standard provider."""

from datetime import datetime, time, timedelta

from airflow.models import TaskInstance
from airflow.partition_mappers.base import PartitionMapper
from airflow.partition_mappers.window import Window
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.datetime import BranchDateTimeOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.hitl import (
    ApprovalOperator,
    HITLBranchOperator,
    HITLEntryOperator,
    HITLOperator,
)
from airflow.providers.standard.operators.latest_only import LatestOnlyOperator
from airflow.providers.standard.operators.python import (
    BranchPythonOperator,
    PythonOperator,
    ShortCircuitOperator,
)
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.providers.standard.operators.weekday import BranchDayOfWeekOperator
from airflow.providers.standard.sensors.external_task import ExternalTaskSensor
from airflow.providers.standard.sensors.time_delta import TimeDeltaSensor
from airflow.providers.standard.triggers.file import FileDeleteTrigger
from airflow.providers.standard.utils.weekday import WeekDay
from airflow.sdk import (
    DAG,
    Asset,
    AssetAccessControl,
    AssetAlias,
    AssetOrTimeSchedule,
    AssetWatcher,
    BaseOperator,
    Context,
    CronPartitionTimetable,
    CronTriggerTimetable,
    ExceptionRetryPolicy,
    IdentityMapper,
    Label,
    Metadata,
    ObjectStoragePath,
    Param,
    PartitionedAssetTimetable,
    RetryAction,
    RetryRule,
    StartOfDayMapper,
    TaskGroup,
    TriggerRule,
    XComArg,
    asset,
    chain,
    dag,
    get_current_context,
    task,
    task_group,
)
from airflow.sdk.bases.notifier import BaseNotifier
from airflow.sdk.exceptions import AirflowSkipException
from airflow.sdk.execution_time.context import NEVER_EXPIRE
from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

assert issubclass(StartOfDayMapper, PartitionMapper)
assert None not in (Window, TaskInstance, RuntimeTaskInstance, ObjectStoragePath, XComArg)
START = datetime(2024, 1, 1)
ticket = Asset("ticket", watchers=[AssetWatcher("box", trigger=FileDeleteTrigger("/tmp/box"))])
seat = Asset("file:///seats.csv", access_control=AssetAccessControl(producer_teams=["hall"]))
scene = AssetAlias("scene")


class Bell(BaseNotifier):
    template_fields = ("message",)

    def __init__(self, message: str) -> None:
        self.message = message

    def notify(self, context: Context) -> None:
        self.log.info(self.message)


class Rehearse(BaseOperator):
    def execute(self, context: Context) -> None:
        raise AirflowSkipException("ill")


@asset(schedule="@daily")
def poster(self, context: Context): ...


@asset.multi(schedule=[ticket], outlets=[seat, scene])
def seating(): ...


with DAG(
    "evening",
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("0 18 * * *", timezone="UTC"), assets=ticket | seat
    ),
    start_date=START,
    params={"piece": Param("Hamlet", type=["string", "null"], title="Piece")},
    default_args={"on_failure_callback": Bell("{{ task.task_id }}")},
):
    opened = LatestOnlyOperator(task_id="opened")
    hour = BranchDateTimeOperator(
        task_id="hour",
        follow_task_ids_if_true="day",
        follow_task_ids_if_false="late",
        target_lower=None,
        target_upper=time(20),
    )
    day = BranchDayOfWeekOperator(
        task_id="day",
        follow_task_ids_if_true=["stage"],
        follow_task_ids_if_false=["late"],
        week_day=WeekDay.SUNDAY,
    )
    late = EmptyOperator(task_id="late", trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
    with TaskGroup("stage") as stage:
        chain(
            Rehearse(task_id="rehearse"),
            PythonOperator(
                task_id="play",
                python_callable=lambda: get_current_context()["run_id"],
                outlets=[scene],
                retry_policy=ExceptionRetryPolicy(
                    rules=[RetryRule(exception="builtins.OSError", action=RetryAction.FAIL)]
                ),
            ),
        )
    opened >> hour >> Label("in time") >> day >> stage
    hour >> Label("late") >> late

with DAG("people", schedule=None, start_date=START):
    chain(
        HITLEntryOperator(task_id="ask", subject="Which seat?", params={"seat": Param(1)}),
        HITLOperator(task_id="pick", subject="Which?", options=["a", "b"], defaults=["a"]),
        ApprovalOperator(
            task_id="approve",
            subject="Really?",
            defaults="Reject",
            response_timeout=timedelta(minutes=5),
            notifiers=[Bell("asked")],
        ),
        HITLBranchOperator(task_id="go", subject="Where?", options=["left", "right"]),
        [EmptyOperator(task_id="left"), EmptyOperator(task_id="right")],
    )

with DAG(
    "rows",
    schedule=PartitionedAssetTimetable(
        assets=seat, partition_mapper_config={seat: StartOfDayMapper()}
    ),
    start_date=START,
):
    ShortCircuitOperator(task_id="full", python_callable=lambda: False)
with DAG("ticks", schedule=CronPartitionTimetable("0 * * * *", timezone="UTC"), start_date=START):
    BranchPythonOperator(task_id="tick", python_callable=lambda: None)
assert IdentityMapper() is not None


@dag(schedule=None, start_date=START)
def encore():
    @task
    def pieces() -> list[str]:
        return ["a", "b"]

    @task(retries=2)
    async def sing(piece: str, *, task_state_store=None) -> str:
        await task_state_store.aset("at", piece, retention=NEVER_EXPIRE)
        return piece

    @task_group
    def number(piece: str):
        return sing(piece)

    @task.run_if(lambda context: True, skip_message="no")
    @task.bash
    def clap() -> str:
        return "echo clap"

    @task(outlets=[seat])
    def count(sung: list[str]):
        yield Metadata(seat, {"sung": len(sung)})

    songs = number.expand(piece=pieces())
    count(songs) >> clap().as_teardown(setups=BashOperator(task_id="light", bash_command="true"))
    chain(
        TimeDeltaSensor(task_id="pause", delta=timedelta(minutes=1), deferrable=True),
        ExternalTaskSensor(task_id="over", external_dag_id="evening"),
        TriggerDagRunOperator(task_id="again", trigger_dag_id="encore", logical_date=None),
    )


encore()

"""A file as people wrote them for 1.10: old paths, old arguments, sub-DAGs, plugins' absence."""

import datetime as dt

import airflow
from airflow import models
from airflow.models import DAG
from airflow.operators import bash_operator
from airflow.operators.bash_operator import BashOperator
from airflow.operators.dagrun_operator import TriggerDagRunOperator
from airflow.operators.dummy_operator import DummyOperator
from airflow.operators.latest_only_operator import LatestOnlyOperator
from airflow.operators.python_operator import (
    BranchPythonOperator,
    PythonOperator,
    ShortCircuitOperator,
)
from airflow.operators.subdag_operator import SubDagOperator
from airflow.sensors.external_task_sensor import ExternalTaskMarker, ExternalTaskSensor
from airflow.utils import dates
from airflow.utils.dates import days_ago
from airflow.utils.helpers import chain
from airflow.utils.trigger_rule import TriggerRule

args = {"owner": "crew", "start_date": days_ago(2), "depends_on_past": False, "email": ["a@b.test"]}


def decide(**context):
    return "left" if context["execution_date"].day % 2 else "right"


def ask_for_a_run(context, order):
    order.payload = {"day": context["ds"]}
    return order


def crates(parent, child):
    inner = DAG(dag_id=parent + "." + child, default_args=args, schedule_interval="@daily")
    for number in range(2):
        DummyOperator(task_id="crate-" + str(number), dag=inner)
    return inner


dag = DAG(
    "harbour",
    default_args=args,
    schedule_interval="0 3 * * *",
    concurrency=4,
    dagrun_timeout=dt.timedelta(minutes=90),
    catchup=False,
    default_view="graph",
)
arrive = BashOperator(
    task_id="arrive", bash_command="echo {{ ds }} {{ macros.ds_add(ds, 1) }}", dag=dag
)
newest = LatestOnlyOperator(task_id="newest", dag=dag)
fork = BranchPythonOperator(task_id="fork", python_callable=decide, provide_context=True, dag=dag)
left = bash_operator.BashOperator(task_id="left", bash_command="true", xcom_push=True, dag=dag)
right = PythonOperator(task_id="right", python_callable=print, op_args=["right"], dag=dag)
join = DummyOperator(task_id="join", trigger_rule=TriggerRule.ONE_SUCCESS, dag=dag)
enough = ShortCircuitOperator(task_id="enough", python_callable=lambda: True, dag=dag)
unload = SubDagOperator(task_id="unload", subdag=crates("harbour", "unload"), dag=dag)
tell = TriggerDagRunOperator(
    task_id="tell", trigger_dag_id="harbour_master", python_callable=ask_for_a_run, dag=dag
)
mark = ExternalTaskMarker(
    task_id="mark", external_dag_id="harbour_master", external_task_id="wait", dag=dag
)
arrive.set_downstream(newest)
newest >> fork >> [left, right] >> join
chain(join, enough, unload, tell, mark)

with models.DAG(
    "harbour_master",
    default_args=dict(
        args, start_date=airflow.utils.dates.days_ago(1), end_date=dates.days_ago(-9)
    ),
    schedule_interval=dt.timedelta(days=1),
) as master:
    ExternalTaskSensor(
        task_id="wait",
        external_dag_id="harbour",
        external_task_id="mark",
        execution_delta=dt.timedelta(hours=1),
        timeout=7200,
        mode="reschedule",
    ) >> BashOperator(task_id="log", bash_command="echo '{{ dag_run.conf }}'", trigger_rule="dummy")

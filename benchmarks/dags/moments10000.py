"""10,000 tasks that defer to a far day in their process: to a moment, which no trigger waits for."""

from bench_clock import size

from airflow.providers.standard.sensors.date_time import DateTimeSensorAsync
from airflow.sdk import DAG

with DAG(dag_id="moments10000", schedule=None, catchup=False, max_active_tasks=16):
    for i in range(size(10_000)):
        DateTimeSensorAsync(task_id=f"t{i:05d}", target_time="2100-01-01T00:00:00+00:00")

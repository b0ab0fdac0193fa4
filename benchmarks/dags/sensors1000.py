"""1,000 sensors that look once a minute, and never find what they look for."""

from bench_clock import nothing, size, timed

from airflow.providers.standard.sensors.python import PythonSensor
from airflow.sdk import DAG

look = timed(nothing)

with DAG(dag_id="sensors1000", schedule=None, catchup=False, max_active_tasks=16):
    for i in range(size(1000)):
        PythonSensor(task_id=f"s{i:04d}", python_callable=look, mode="reschedule", poke_interval=60)

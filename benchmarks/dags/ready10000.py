"""10,000 tasks, all ready at once, that do nothing; 16 may run at a time."""

from bench_clock import nothing, size, timed

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG

work = timed(nothing)

with DAG(dag_id="ready10000", schedule=None, catchup=False, max_active_tasks=16):
    for i in range(size(10_000)):
        PythonOperator(task_id=f"r{i:05d}", python_callable=work)

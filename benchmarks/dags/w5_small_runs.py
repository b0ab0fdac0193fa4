"""5 tasks in a row that do nothing; 100 runs of it are triggered at once."""

from itertools import pairwise

from bench_clock import nothing, size, timed

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG

with DAG(dag_id="w5_small_runs", schedule=None, catchup=False, max_active_runs=200):
    row = [PythonOperator(task_id=f"t{i}", python_callable=timed(nothing)) for i in range(size(5))]
    for before, after in pairwise(row):
        before >> after

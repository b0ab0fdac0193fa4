"""40 tasks in a row, each of some microseconds: pure engine."""

from itertools import pairwise

from bench_clock import fibo, size, timed

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG

with DAG(dag_id="w1_chain40", schedule=None, catchup=False):
    row = [
        PythonOperator(task_id=f"t{i:02d}", python_callable=timed(fibo, 10))
        for i in range(size(40))
    ]
    for before, after in pairwise(row):
        before >> after

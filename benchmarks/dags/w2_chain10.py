"""10 tasks in a row, each about 0.4 s of arithmetic: does the engine stand in their way?"""

from itertools import pairwise

from bench_clock import fibo, size, timed

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG

with DAG(dag_id="w2_chain10", schedule=None, catchup=False):
    row = [
        PythonOperator(task_id=f"t{i:02d}", python_callable=timed(fibo, size(33)))
        for i in range(size(10))
    ]
    for before, after in pairwise(row):
        before >> after

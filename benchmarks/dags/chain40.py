"""40 sequential tasks, each of a few microseconds: pure engine."""

from itertools import pairwise

from tradewind import DAG
from tradewind.integrations.standard import PythonOperator


def fibo(n):
    return n if n <= 1 else fibo(n - 1) + fibo(n - 2)


with DAG(dag_id="chain40", schedule=None):
    tasks = [
        PythonOperator(task_id=f"t{i:02d}", python_callable=fibo, op_args=[10]) for i in range(40)
    ]
    for upstream, downstream in pairwise(tasks):
        upstream >> downstream

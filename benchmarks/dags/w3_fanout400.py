"""One task, then 400 at once that do nothing, then one."""

from bench_clock import nothing, size, timed

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG

work = timed(nothing)

with DAG(dag_id="w3_fanout400", schedule=None, catchup=False):
    first = PythonOperator(task_id="first", python_callable=work)
    last = PythonOperator(task_id="last", python_callable=work)
    many = [PythonOperator(task_id=f"p{i:03d}", python_callable=work) for i in range(size(400))]
    first >> many >> last

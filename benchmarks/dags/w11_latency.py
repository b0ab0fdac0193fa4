"""One task that does nothing: how soon after the POST does it begin?"""

from bench_clock import nothing, timed

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG

with DAG(dag_id="w11_latency", schedule=None, catchup=False):
    PythonOperator(task_id="only", python_callable=timed(nothing))

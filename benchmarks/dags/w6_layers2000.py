"""20 layers of 100 tasks; each layer waits for the whole one before, through an empty task.

Most of the run is blocked at any time: what does it cost to have tasks that wait?
"""

from bench_clock import nothing, size, timed

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG

work = timed(nothing)

with DAG(dag_id="w6_layers2000", schedule=None, catchup=False):
    barrier = None
    layers = size(20)
    for layer in range(layers):
        tasks = [
            PythonOperator(task_id=f"l{layer:02d}_{i:03d}", python_callable=work)
            for i in range(size(100))
        ]
        if barrier is not None:
            barrier >> tasks
        if layer < layers - 1:
            barrier = EmptyOperator(task_id=f"barrier{layer:02d}")
            tasks >> barrier

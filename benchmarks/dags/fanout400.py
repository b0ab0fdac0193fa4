"""One task, then 400 in parallel that do nothing, then one."""

from tradewind import DAG
from tradewind.integrations.standard import PythonOperator


def nothing():
    return None


with DAG(dag_id="fanout400", schedule=None):
    first = PythonOperator(task_id="first", python_callable=nothing)
    last = PythonOperator(task_id="last", python_callable=nothing)
    (
        first
        >> [PythonOperator(task_id=f"p{i:03d}", python_callable=nothing) for i in range(400)]
        >> last
    )

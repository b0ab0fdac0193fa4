"""40 shell commands in a row."""

from itertools import pairwise

from bench_clock import size

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG(dag_id="w7_bash40", schedule=None, catchup=False):
    row = [BashOperator(task_id=f"t{i:02d}", bash_command="true") for i in range(size(40))]
    for before, after in pairwise(row):
        before >> after

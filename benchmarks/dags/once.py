"""One task that does nothing, due once, as soon as the DAG is unpaused. Copied under many names."""

from datetime import UTC, datetime
from pathlib import Path

from bench_clock import nothing, timed

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG

with DAG(dag_id=Path(__file__).stem, schedule="@once", start_date=datetime(2026, 1, 1, tzinfo=UTC)):
    PythonOperator(task_id="only", python_callable=timed(nothing))

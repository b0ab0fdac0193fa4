"""Executors."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "base_executor": "airflow.executors.base_executor",
        "executor_loader": "airflow.executors.executor_loader",
        "local_executor": "airflow.executors.local_executor",
        "workloads": "airflow.executors.workloads",
    },
)

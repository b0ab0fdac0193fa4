"""@dag, @task, @task_group."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    deprecated={
        "dag": "tradewind:dag",
        "task": "tradewind:task",
        "task_group": "tradewind:task_group",
    },
)
